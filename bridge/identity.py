"""Who we are at an OPC UA server, and whom we believe: the files of `--security`, looked at before anything starts."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final, NamedTuple

from asyncua.crypto import uacrypto
from cryptography import x509

from bridge.remedy import SecurityError

FORM: Final = "Policy,Mode,certificate,key[,server certificate]"
POLICIES: Final = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
MODES: Final = ("Sign", "SignAndEncrypt")


class Identity(NamedTuple):
    """What `--security` says, checked.

    Attributes:
        text: as asyncua takes it.
        uri: of the application, as our certificate names it: servers compare the two; empty if it names none.
        believing: no server certificate is stated, so any server is believed.
    """

    text: str
    uri: str
    believing: bool


def identity(text: str) -> Identity:
    """The identity of a text like Basic256Sha256,SignAndEncrypt,own.der,own.pem.

    Raises:
        SecurityError: a part is wrong, or a file cannot be used.
    """
    parts = text.split(",")
    if len(parts) not in {4, 5}:
        raise SecurityError(f"--security {text!r} has {len(parts)} parts: write {FORM}")
    for part, known in zip(parts, (POLICIES, MODES), strict=False):
        if part not in known:
            raise SecurityError(f"--security: {part!r} is none of {', '.join(known)}: write {FORM}")
    key_file, _, password = parts[3].partition("::")
    certificate = _loaded(parts[2], "certificate", uacrypto.load_certificate(Path(parts[2])))
    key = _loaded(key_file, "key", uacrypto.load_private_key(Path(key_file), password or None))
    if key.public_key() != certificate.public_key():
        raise SecurityError(f"--security: key {key_file} does not belong to certificate {parts[2]}: name the two that were made together")
    if len(parts) == 5:
        _loaded(parts[4], "server certificate", uacrypto.load_certificate(Path(parts[4])))
    return Identity(text, _uri(certificate), len(parts) == 4)


def _loaded(file: str, what: str, loading: Awaitable[Any]) -> Any:  # noqa: ANN401  of cryptography
    async def load() -> Any:  # noqa: ANN401
        return await loading

    try:
        return asyncio.run(load())
    except (OSError, ValueError, TypeError) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise SecurityError(f"--security: {what} {file}: {told}: give a .der or .pem file, a locked key as file::password") from None


def _uri(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    return next(iter(names.get_values_for_type(x509.UniformResourceIdentifier)), "")
