"""The district's small certificate authority, and the self-signed certificates of devices."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_YEAR = 365
# A little more than the whole days, so that "days left" rounds down to the number that was asked.
_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, both PEM."""

    certificate: bytes
    key: bytes

    def load_into(self, context: ssl.SSLContext, folder: Path) -> None:
        """Make a context use it: OpenSSL reads files only, so they live for a moment."""
        path = folder / "presented.pem"
        path.touch(mode=0o600)
        try:
            path.write_bytes(self.certificate + self.key)
            context.load_cert_chain(path)
        finally:
            path.unlink()


class Authority:
    """Signs the certificates of the district's applications."""

    def __init__(self, name: str = "静卫演示区域 CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        builder = _builder(self._name, self._name, self._key, days_left=10 * _YEAR)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        builder = builder.add_extension(_signing_only(), True)
        builder = builder.add_extension(_own_key(self._key), False)
        self.certificate = _pem(builder.sign(self._key, hashes.SHA256()))

    def issue(self, host: str, address: str, *, days_left: int) -> Issued:
        """A certificate for a host name and an address that expires in `days_left` days."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(host), self._name, key, days_left=days_left)
        names = x509.SubjectAlternativeName(
            [x509.DNSName(host), x509.IPAddress(ip_address(address))]
        )
        builder = builder.add_extension(names, False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        builder = builder.add_extension(_own_key(key), False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer, False)
        return Issued(_pem(builder.sign(self._key, hashes.SHA256())), _private_pem(key))


def self_signed(host: str, *, days_left: int) -> Issued:
    """What a device presents that nobody gave a certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(host)
    builder = _builder(name, name, key, days_left=days_left)
    return Issued(_pem(builder.sign(key, hashes.SHA256())), _private_pem(key))


def server_context() -> ssl.SSLContext:
    """A context for servers; sessions are not resumed, so a changed certificate shows at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, days_left: int
) -> x509.CertificateBuilder:
    end = datetime.now(UTC) + timedelta(days=days_left) + _MARGIN
    whole_years = days_left // _YEAR + 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=whole_years * _YEAR + 1))
        .not_valid_after(end)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _own_key(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
