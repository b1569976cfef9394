"""Why a source does not let us in, and what a person can do about it."""

import socket
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Trouble(NamedTuple):
    """What happened, and what to do; the remedy may be empty."""

    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.remedy}" if self.remedy else self.reason


class SecurityError(ValueError):
    """Files or texts of ours that a secured connection needs cannot be used; the message names option, value and remedy."""


class RefusedError(OSError):
    """The broker does not want us."""


class LostError(OSError):
    """The broker broke off before it let us in; `secured`: over an encrypted connection."""

    def __init__(self, code: str, *, secured: bool) -> None:
        super().__init__(code)
        self.secured = secured


CREDENTIALS: Final = "check --user and the password in {}_PASSWORD"
KNOWN: Final = "if the broker asks for our certificate, give --certificate and --key that it knows"
ENCRYPTED: Final = "if this port wants encryption, add --tls"
REFUSED: Final = frozenset({"Bad user name or password", "Not authorized"})  # paho's words, MQTT 3.1.1 codes 4 and 5
SERVER: Final[Mapping[str, str]] = MappingProxyType({  # by the name of an OPC UA status code
    "BadUserAccessDenied": CREDENTIALS.format("OPCUA"),
    "BadIdentityTokenInvalid": CREDENTIALS.format("OPCUA"),
    "BadIdentityTokenRejected": CREDENTIALS.format("OPCUA"),
    "BadSecurityChecksFailed": "let the server trust our certificate, and check the server certificate at the end of --security",
    "BadCertificateUntrusted": "let the server trust our certificate (the third part of --security)",
    "BadCertificateInvalid": "check the certificates in --security",
    "BadCertificateTimeInvalid": "a certificate has expired, or a clock is wrong: renew it or set the clock",
    "BadCertificateUriInvalid": "our certificate must name the application as the server expects it",
    "BadSecurityPolicyRejected": "the server does not offer this policy or mode: see the first two parts of --security",
    "BadSecurityModeRejected": "the server does not offer this policy or mode: see the first two parts of --security",
})  # fmt: skip


def connection(error: BaseException | None) -> Trouble:
    """Why a connection to an MQTT broker could not be made."""
    match error:
        case ssl.SSLError():
            return _encryption(error)
        case RefusedError():
            return refusal(str(error))
        case LostError():
            return Trouble(f"connection lost: {error}", KNOWN if error.secured else ENCRYPTED)
        case ConnectionRefusedError():
            return Trouble("nobody answers there", "is the broker up? check --host and --port")
        case socket.gaierror():
            return Trouble(f"the name is not known ({error.strerror})", "check --host")
    return Trouble(f"{type(error).__name__}: {error}")


def refusal(code: str) -> Trouble:
    """Why a broker that was reached refuses us, from its word."""
    return Trouble(f"the broker refuses us: {code}", CREDENTIALS.format("MQTT") if code in REFUSED else "")


def server(error: BaseException, *, secured: bool) -> Trouble:
    """Why a session with an OPC UA server could not be had; `secured`: we ask for an encrypted one."""
    name = type(error).__name__
    if isinstance(error, TimeoutError):
        hint = "is the server certificate at the end of --security its present one?" if secured else "check the address"
        return Trouble("no answer in time", hint)
    if "No matching endpoints" in str(error):  # asyncua has no class of its own for it
        return Trouble("the server does not offer what we ask for", "see policy and mode in --security" if secured else "add --security")
    return Trouble(f"{name}: {error}".removesuffix(": "), SERVER.get(name, ""))


def _encryption(error: ssl.SSLError) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(f"the broker's certificate is refused ({error.verify_message})", _certificate(error.verify_message))
    if "WRONG_VERSION" in str(error) or "RECORD_LAYER" in str(error):
        return Trouble("the port does not speak TLS", "check --port, or leave --tls away")
    if "ALERT" in str(error):
        return Trouble(f"the broker refuses our certificate ({error.reason})", "give --certificate and --key that it knows")
    return Trouble(f"TLS: {error}")


def _certificate(told: str) -> str:
    if "match" in told or "valid for" in told:
        return "name the broker with --host as its certificate does"
    if "expired" in told or "not yet valid" in told:
        return "renew the broker's certificate, or set the clock"
    return "name the authority that signed it with --ca FILE"
