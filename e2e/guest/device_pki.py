# SPDX-License-Identifier: Apache-2.0
"""Certificates for the tests of the device, made by the openssl command: good ones, and ones that must be refused."""

import base64
import pathlib
import re
import subprocess
import tempfile

CONFIG = "[req]\ndistinguished_name = name\n[name]\n"
CA = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
LEAF = ("basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature")

EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
EC_384 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-384")
EC_521 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-521")
RSA_1024 = ("rsa:1024",)
RSA_2048 = ("rsa:2048",)


def openssl(*arguments):
    return subprocess.run(("openssl", *arguments), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=300).stdout


def der(pem):
    """What the first block of a PEM file holds."""
    return base64.b64decode(re.search(r"-----BEGIN [^-]+-----([^-]+)-----END", pem.read_text()).group(1))


class Pki:
    """A folder of certificates and keys by name."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self._folder.name)
        (self.path / "config").write_text(CONFIG)

    def make(self, name, extensions, algorithm=EC, issuer=None):
        arguments = ["req", "-config", self.path / "config", "-x509", "-newkey", *algorithm, "-nodes", "-sha256",
                     "-days", "2", "-subj", f"/CN={name}", "-keyout", self.path / f"{name}.key",
                     "-out", self.path / f"{name}.crt"]
        for extension in extensions:
            arguments += ["-addext", extension]
        if issuer:
            arguments += ["-CA", self.path / f"{issuer}.crt", "-CAkey", self.path / f"{issuer}.key"]
        openssl(*arguments)
        return name

    def ca(self, name, *extensions, algorithm=EC):
        return self.make(name, (*CA, *extensions), algorithm)

    def leaf(self, name, san, issuer="ca", algorithm=EC):
        extensions = (*LEAF, f"subjectAltName={san}") if san else LEAF
        return self.make(name, extensions, algorithm, issuer)

    def cert(self, name):
        return der(self.path / f"{name}.crt")

    def key(self, name):
        """PKCS#8, as openssl writes keys."""
        return der(self.path / f"{name}.key")

    def traditional_key(self, name):
        """SEC 1 or PKCS#1."""
        return openssl("pkey", "-traditional", "-in", self.path / f"{name}.key", "-outform", "DER")
