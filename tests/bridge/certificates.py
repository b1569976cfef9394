"""Certificates for tests, made anew each time: an authority, what it signs, and files as brokers and clients want them."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from stack import java

STORE_PASSWORD = "changeit"  # noqa: S105  of a file that lives as long as a test


@dataclass(frozen=True)
class Signed:
    """A certificate with its key, as PEM files and as a store for Java."""

    certificate: Path
    key: Path
    store: Path


class Authority:
    """Signs certificates; `file` is what its friends trust."""

    def __init__(self, folder: Path, name: str = "plant authority") -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        made = _builder(self._name, self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self._certificate = made.sign(self._key, hashes.SHA256())
        self.file = folder / f"{name}.pem".replace(" ", "-")
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, name: str, *hosts: str) -> Signed:
        """A certificate for hosts, which may be IP addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        known = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        made = _builder(_named(name), self._name, key).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if known:
            made = made.add_extension(x509.SubjectAlternativeName(known), critical=False)
        certificate = made.sign(self._key, hashes.SHA256())
        found = Signed(*(self._folder / f"{name}.{ending}" for ending in ("pem", "key", "p12")))
        found.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        found.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
        locked = serialization.BestAvailableEncryption(STORE_PASSWORD.encode())
        found.store.write_bytes(pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, [self._certificate], locked))
        return found


def trusted(signed: Signed, authority: Authority) -> Path:
    """The store of a server that lets in who shows a certificate of an authority: keytool marks it as trusted."""
    keytool = java.executable().with_name("keytool")
    words: list[str | Path] = ["-importcert", "-noprompt", "-alias", "authority", "-file", authority.file, "-keystore", signed.store]
    subprocess.run([keytool, *words, "-storepass", STORE_PASSWORD], check=True, capture_output=True)
    return signed.store


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
