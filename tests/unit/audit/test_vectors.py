# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import urlsplit

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key

from services.audit.domain.tiles import TilePath
from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import open_checkpoint, peek
from services.audit_evidence.entry import canonical
from services.audit_evidence.frontier import Frontier
from services.audit_evidence.keys import SignatureType, VerifierKey, key_id
from services.common.errors import SottoError
from tests.support.reference_tree import tiles_of
from tests.support.vectors import VECTORS, read_vectors


class TestSigstore:
    """Bundles of a public log: inclusion proof and checkpoint."""

    def test_conformance_bundles(self) -> None:
        """Good bundles verify against the trusted root's log key; each bad one is refused."""
        seen = {True: 0, False: 0}
        for folder in sorted((VECTORS / "sigstore-conformance").glob("rekor2-*")):
            good = not folder.name.endswith("_fail")
            assert self._verifies(folder) is good, folder.name
            seen[good] += 1
        assert seen == {True: 6, False: 6}

    def _verifies(self, folder: Path) -> bool:
        root = json.loads((folder / "trusted_root.json").read_text())
        keys = []
        for log in root["tlogs"]:
            public = load_der_public_key(base64.b64decode(log["publicKey"]["rawBytes"]))
            if isinstance(public, Ed25519PublicKey):
                name = urlsplit(log["baseUrl"]).hostname or ""
                keys.append(VerifierKey(name, SignatureType.ED25519, public.public_bytes_raw()))
        bundle = json.loads((folder / "bundle.sigstore.json").read_text())
        entry = bundle["verificationMaterial"]["tlogEntries"][0]
        try:
            proof = entry["inclusionProof"]
            note = proof["checkpoint"]["envelope"]
            state = open_checkpoint(note, keys).checkpoint
            leaf = merkle.leaf_hash(base64.b64decode(entry["canonicalizedBody"]))
            hashes = [base64.b64decode(text) for text in proof.get("hashes", [])]
            merkle.verify_inclusion(leaf, int(proof["logIndex"]), state.size, hashes, state.root)
        except (SottoError, KeyError):
            return False
        return True

    def test_key_ids(self) -> None:
        """The key id of a published key is ours."""
        for case in read_vectors("sigstore-rekor-tiles/key-ids.json")["cases"]:
            private = load_pem_private_key(case["private_pem_public_test_key"].encode(), None)
            assert isinstance(private, Ed25519PrivateKey)
            public = private.public_key().public_bytes_raw()
            assert int.from_bytes(key_id(case["origin"], 1, public), "big") == case["key_id"]


class TestSignatures:
    """Ed25519."""

    def test_wycheproof(self) -> None:
        """All cases of the published corpus get their result."""
        for group in read_vectors("wycheproof/ed25519_test.json")["testGroups"]:
            key = VerifierKey("k", SignatureType.ED25519, bytes.fromhex(group["publicKey"]["pk"]))
            for case in group["tests"]:
                fits = key.verifies(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
                assert fits is (case["result"] == "valid"), case["tcId"]

    def test_edge_cases_stay_as_they_are(self) -> None:
        """The number of accepted edge cases does not change behind our back."""
        accepted = 0
        for case in read_vectors("cctv/ed25519vectors.json"):
            key = VerifierKey("k", SignatureType.ED25519, bytes.fromhex(case["key"]))
            accepted += key.verifies(bytes.fromhex(case["sig"]), case["msg"].encode())
        assert accepted == 208


class TestTrees:
    """Trees of other implementations, rebuilt."""

    def test_tiles_of_a_published_log(self) -> None:
        """Hash tiles of each size of a fifteen-entry log are the ones that we compute."""
        folder = VECTORS / "transparency-dev-tessera" / "log"
        entries = [
            text.encode()
            for text in read_vectors("transparency-dev-tessera/log-keys.json")["entries"]
        ]
        frontier = Frontier()
        for size in range(1, 16):
            frontier.push(merkle.leaf_hash(entries[size - 1]))
            assert peek((folder / f"checkpoint.{size}").read_bytes()).root == frontier.root()
            stored = folder / str(TilePath(0, 0, size))
            assert stored.read_bytes() == b"".join(frontier.partial[0])

    def test_tiles_of_a_mirror(self) -> None:
        """The 300-leaf tree of a mirror: full tile, part tiles of both levels, root."""
        data = read_vectors("sunlight/witness-keys.json")["mirror_tree"]
        folder = next((VECTORS / "sunlight" / "witness" / "mirror").glob("*/tile")).parent
        frontier = Frontier()
        leaves = [merkle.leaf_hash(b"record %d" % number) for number in range(data["leaves"])]
        (full,) = frontier.extend(leaves)
        assert base64.b64encode(frontier.root()).decode() == data["root_b64"]
        assert (folder / str(TilePath(0, 0))).read_bytes() == full.hashes
        assert (folder / str(TilePath(0, 1, 44))).read_bytes() == b"".join(frontier.partial[0])
        assert (folder / str(TilePath(1, 0, 1))).read_bytes() == b"".join(frontier.partial[1])

    def test_tiles_of_the_specification(self) -> None:
        """The specification's examples of which tiles a log has."""
        small, large = read_vectors("c2sp-specs/examples.json")["tiles"]
        assert sorted(map(str, tiles_of(small["tree_size"]))) == sorted(small["paths"])
        widths: dict[int, list[int]] = {}
        for path in tiles_of(large["tree_size"]):
            if path.level is not None:
                widths.setdefault(path.level, []).append(path.width)
        assert widths[0] == [256] * large["full_level0"] + [large["partial_level0"]]
        assert widths[1] == [256] * large["full_level1"] + [large["partial_level1"]]
        assert widths[2] == [large["partial_level2"]]


class TestCanonicalJson:
    """RFC 8785."""

    def test_samples(self) -> None:
        """Where a sample has only what entries have (texts and whole numbers), ours is the same."""
        same = 0
        for path in sorted((VECTORS / "rfc8785" / "input").glob("*.json")):
            value = json.loads(path.read_text("utf-8"))
            want = (VECTORS / "rfc8785" / "output" / path.name).read_bytes()
            assert rfc8785.dumps(value) == want
            same += isinstance(value, dict) and canonical(value) == want
        assert same >= 2
