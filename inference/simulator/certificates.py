"""The certificates of a simulated cluster: its own authority, its server, and people's."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from inference.simulator.authorization import AUTHENTICATED, UserInfo

_VALID = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its key, both PEM."""

    certificate: str
    key: str = field(repr=False)


class Authority:
    """Signs for one cluster, and says whose name stands in what it has signed."""

    def __init__(self, name: str = "simulated-cluster-ca") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _subject(name)
        basics = x509.BasicConstraints(ca=True, path_length=0)
        builder = self._builder(self._name, self._key).add_extension(basics, critical=True)
        self._own = builder.sign(self._key, hashes.SHA256())
        self.pem = _pem(self._own)

    def server(self, *addresses: str) -> KeyPair:
        names: list[x509.GeneralName] = [x509.IPAddress(ip_address(one)) for one in addresses]
        names.append(x509.DNSName("localhost"))
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_subject("kube-apiserver"), key)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return self._signed(builder, key)

    def client(
        self, user: str, groups: tuple[str, ...] = (), *, valid: timedelta = _VALID
    ) -> KeyPair:
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = self._builder(_subject(user, groups), key, valid).add_extension(
            usage, critical=False
        )
        return self._signed(builder, key)

    def user_of(self, der: bytes) -> UserInfo | None:
        """Who holds this certificate; None for what this authority has not signed, or is over."""
        certificate = x509.load_der_x509_certificate(der)
        try:
            certificate.verify_directly_issued_by(self._own)
        except (InvalidSignature, ValueError, TypeError):
            return None
        now = datetime.now(UTC)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            return None
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        groups = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        told = (*(str(group.value) for group in groups), AUTHENTICATED)
        return UserInfo(str(names[0].value), told) if names else None

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, valid: timedelta = _VALID
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + valid)
        )

    def _signed(self, builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> KeyPair:
        told = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        return KeyPair(_pem(builder.sign(self._key, hashes.SHA256())), told.decode())


def _subject(user: str, groups: tuple[str, ...] = ()) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
