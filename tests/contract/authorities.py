"""Certificates for the servers and users of the contract, made on the spot."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.contract.actors import Credentials

EXPIRED = timedelta(minutes=30)
"""How long the certificate of somebody whose time is over has been so."""


def _name(user: str, groups: tuple[str, ...] = ()) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


class Authority:
    """A CA in a folder: `ca.crt` and what it has signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate_file = folder / "ca.crt"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("contract-ca")
        builder = self._builder(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self._write("ca", builder.sign(self._key, hashes.SHA256()), self._key)

    def server(self, *addresses: str) -> Credentials:
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ip_address(address)) for address in addresses]
        builder = self._builder(_name("kube-apiserver"), key).add_extension(
            x509.SubjectAlternativeName([*names, x509.DNSName("localhost")]), critical=False
        )
        return self._write("server", builder.sign(self._key, hashes.SHA256()), key)

    def client(self, user: str, groups: tuple[str, ...] = ()) -> Credentials:
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = self._builder(_name(user, groups), key).add_extension(usage, critical=False)
        return self._write(user, builder.sign(self._key, hashes.SHA256()), key)

    def expired_client(self, user: str, groups: tuple[str, ...] = ()) -> Credentials:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(user, groups), key, -EXPIRED)
        return self._write(f"expired-{user}", builder.sign(self._key, hashes.SHA256()), key)

    def signing_key(self, name: str) -> Path:
        """A private key on its own, as service accounts are signed with."""
        path = self.folder / f"{name}.key"
        path.write_bytes(_pem(ec.generate_private_key(ec.SECP256R1())))
        return path

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        valid: timedelta = timedelta(days=2),
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

    def _write(
        self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
    ) -> Credentials:
        made = Credentials(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        (self.folder / f"{name}.crt").write_bytes(pem)
        (self.folder / f"{name}.key").write_bytes(_pem(key))
        return made
