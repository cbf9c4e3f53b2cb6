"""Hashes, passwords and encryption."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.sprig.text import from_bytes, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.sprig.settings import Settings

_BLOCK = 16
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

# The Master Password algorithm, version 1: templates of passwords and what their letters stand for.
_SEED = b"com.lyndir.masterpassword"
_TEMPLATES = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": (
        "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
        "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
        "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
    ),
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}
_CHARACTERS = {
    "V": "AEIOU",
    "C": "BCDFGHJKLMNPQRSTVWXYZ",
    "v": "aeiou",
    "c": "bcdfghjklmnpqrstvwxyz",
    "A": "AEIOUBCDFGHJKLMNPQRSTVWXYZ",
    "a": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
    "n": "0123456789",
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
}


def sha1sum(text: str) -> str:
    """Return the SHA-1 of the text in hexadecimal."""
    from hashlib import sha1

    return sha1(to_bytes(text), usedforsecurity=False).hexdigest()


def sha256sum(text: str) -> str:
    """Return the SHA-256 of the text in hexadecimal."""
    from hashlib import sha256

    return sha256(to_bytes(text)).hexdigest()


def sha512sum(text: str) -> str:
    """Return the SHA-512 of the text in hexadecimal."""
    from hashlib import sha512

    return sha512(to_bytes(text)).hexdigest()


def adler32sum(text: str) -> str:
    """Return the Adler-32 of the text in decimal."""
    from zlib import adler32

    return str(adler32(to_bytes(text)))


def bcrypt(settings: Settings, password: str) -> str:
    """Hash a password with bcrypt; why that is impossible is returned as text."""
    from binascii import b2a_base64

    from bcrypt import hashpw

    data = to_bytes(password)
    if len(data) > 72:
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
    salt = b2a_base64(settings.entropy(_BLOCK), newline=False).rstrip(b"=")
    return hashpw(data, b"$2a$10$" + salt.translate(bytes.maketrans(_STANDARD, _BCRYPT))).decode("ascii")


def htpasswd(settings: Settings, user: str, password: str) -> str:
    """Return a line of a password file."""
    if ":" in user:
        return f"invalid username: {user}"
    return f"{user}:{bcrypt(settings, password)}"


def derive_password(counter: int, kind: str, password: str, user: str, site: str) -> str:
    """Return the password of a site, derived from a master password."""
    from hashlib import scrypt, sha256
    from hmac import new as hmac

    if kind not in _TEMPLATES:
        return f"cannot find password template {kind}"
    salt = _SEED + _counted(user)
    key = scrypt(to_bytes(password), salt=salt, n=32768, r=8, p=2, maxmem=128 << 20, dklen=64)
    seed = hmac(key, _SEED + _counted(site) + (counter & 0xFFFFFFFF).to_bytes(4, "big"), sha256).digest()
    templates = _TEMPLATES[kind].split()
    chosen = templates[seed[0] % len(templates)]
    letters = [_CHARACTERS[letter] for letter in chosen]
    return "".join([choice[seed[index + 1] % len(choice)] for index, choice in enumerate(letters)])


def _counted(text: str) -> bytes:
    data = to_bytes(text)
    return len(data).to_bytes(4, "big") + data


def encrypt_aes(settings: Settings, password: str, text: str) -> str:
    """Encrypt with AES-256 in CBC mode; the key is the password, cut or filled with zeros."""
    from binascii import b2a_base64

    if not text:
        return ""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    data = to_bytes(text)
    padding = _BLOCK - len(data) % _BLOCK
    vector = settings.entropy(_BLOCK)
    encryptor = Cipher(algorithms.AES(_key(password)), modes.CBC(vector)).encryptor()
    encrypted = encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()
    return b2a_base64(vector + encrypted, newline=False).decode("ascii")


def decrypt_aes(password: str, text: str) -> str:
    """Decrypt what :func:`encrypt_aes` made."""
    from pilothouse.sprig.encoding import CorruptInput, decode_base64

    if not text:
        return ""
    try:
        data = decode_base64(text)
    except CorruptInput as error:
        raise FunctionError(str(error)) from None
    if len(data) < _BLOCK:
        # Go decodes into a buffer of this capacity, which its panic names.
        capacity = len(text) // 4 * 3
        raise FunctionError(f"runtime error: slice bounds out of range [:{_BLOCK}] with capacity {capacity}")
    vector, encrypted = data[:_BLOCK], data[_BLOCK:]
    if len(encrypted) % _BLOCK:
        raise FunctionError("crypto/cipher: input not full blocks")
    if not encrypted:
        raise FunctionError("runtime error: index out of range [-1]")
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(_key(password)), modes.CBC(vector)).decryptor()
    plain = decryptor.update(encrypted) + decryptor.finalize()
    size = len(plain) - plain[-1]
    if size < 0:
        raise FunctionError(f"runtime error: slice bounds out of range [:{size}]")
    return from_bytes(plain[:size])


def _key(password: str) -> bytes:
    return to_bytes(password)[:32].ljust(32, b"\0")
