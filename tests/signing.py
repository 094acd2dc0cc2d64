"""Signed pictures for tests: certificates that are made here, and Content Credentials signed with them."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CREATED = {"action": "c2pa.created", "digitalSourceType": TRAINED, "softwareAgent": {"name": "Test Diffusion 3"}}
EDITED = {"action": "c2pa.edited", "softwareAgent": "Brush 1"}
OURS = "Test Pictures"
_QUIET = {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}


@dataclass(frozen=True)
class Signers:
    """``root`` is the certificate (PEM) to which that of the one who signs leads back."""

    root: str
    chain: str
    key: str


@cache
def signers(organisation: str) -> Signers:
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("Test Root", organisation, root_key.public_key(), root_key, issuer="Test Root")
    leaf = _certificate("Test Signer", organisation, key.public_key(), root_key, issuer="Test Root")
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signers(root, leaf + root, private.decode())


def signed(
    data: bytes,
    mime: str,
    *actions: dict[str, Any],
    ingredient: bytes | None = None,
    remote: str | None = None,
    organisation: str = OURS,
) -> bytes:
    """The same file with Content Credentials; with ``remote`` they are not in it, but said to lie at that address."""
    done = {"label": "c2pa.actions", "data": {"actions": list(actions or (CREATED,))}}
    manifest = {"claim_generator_info": [{"name": "Test Painter"}], "title": "a picture", "assertions": [done]}
    builder = c2pa.Builder(manifest, context=c2pa.Context.from_dict(_QUIET))
    if ingredient is not None:
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)  # which says itself that the ingredient was opened
        builder.add_ingredient(
            {"title": "earlier.png", "relationship": "parentOf"}, "image/png", io.BytesIO(ingredient)
        )
    if remote is not None:
        builder.set_no_embed()
        builder.set_remote_url(remote)
    who, target = signers(organisation), io.BytesIO()
    info = c2pa.C2paSignerInfo("es256", who.chain.encode(), who.key.encode(), None)  # type: ignore[arg-type]
    builder.sign(c2pa.Signer.from_info(info), mime, io.BytesIO(data), target)
    return target.getvalue()


def _certificate(
    name: str, organisation: str, public: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePrivateKey, issuer: str
) -> str:
    """PEM. Those of the root and of the signer differ in what they may sign."""
    now, is_root = datetime.datetime.now(datetime.UTC), name == issuer
    built = (
        x509.CertificateBuilder()
        .subject_name(_name(name, organisation))
        .issuer_name(_name(issuer, organisation))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.KeyUsage(True, False, False, False, False, is_root, is_root, False, False), critical=True)
    )
    if not is_root:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return built.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _name(name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    )
