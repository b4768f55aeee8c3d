# SPDX-License-Identifier: Apache-2.0
"""Presidio's own engines and recognisers run beside ours by configuration, from local folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
import yaml

from services.deidentification.adapters import engines
from services.deidentification.adapters.neural import NeuralTagger
from services.deidentification.adapters.presidio import PresidioDetector
from services.deidentification.domain.policy import load
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.engine_factory import LazyDetector, make_engine
from services.deidentification.errors import EngineUnusable
from tests.support.tools import need, need_absence

TRANSFORMERS = ("python:transformers", "python:torch")


def configured(folder: Path, **content: Any) -> Path:
    """A configuration in a folder."""
    path = folder / "engines.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def pipeline(folder: Path) -> dict[str, Any]:
    """A spaCy pipeline that knows one name, on disk, and its configuration."""
    made = spacy.blank("en")
    ruler = made.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": [{"LOWER": "xolqua"}]}])
    made.to_disk(folder / "model")
    return {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "en", "model_name": "model"}],
        "ner_model_configuration": {"model_to_presidio_entity_mapping": {"PERSON": "PERSON"}},
    }


def bert(folder: Path) -> str:
    """A tiny BERT of random weights, on disk, whose last layer is bent to call all it reads PER."""
    import torch
    from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "xolqua"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    labels = {0: "O", 1: "B-PER", 2: "I-PER"}
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=512, id2label=labels,
        label2id={name: number for number, name in labels.items()},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 9.0, 0.0]))
    model.save_pretrained(folder / "bert")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    return "bert"


def told(path: Path, text: str) -> str:
    """What becomes of a turn where this configuration runs beside the rules."""
    detector = PresidioDetector(nlp_configuration=path)
    assert "nlp-" in detector.version
    engine = make_engine(load("research-default"), detector)
    return engine.deidentify(Transcript((Turn(text),))).texts[0]


class TestSpacy:
    """A pipeline on disk."""

    def test_its_entities_join(self, tmp_path: Path) -> None:
        """Its names go beside those of our rules; nothing is fetched."""
        path = configured(tmp_path, **pipeline(tmp_path))
        assert told(path, "then Xolqua met Encik Faizal") == "then [Person 1] met [Person 2]"

    def test_version_tells_the_model(self, tmp_path: Path) -> None:
        """The same configuration with another model is another version, so another run."""
        path = configured(tmp_path, **pipeline(tmp_path))
        before = engines.read(path).version
        assert engines.read(path).version == before
        (tmp_path / "model" / "tokenizer").touch()
        assert engines.read(path).version == before
        with (tmp_path / "model" / "meta.json").open("a") as meta:
            meta.write(" ")
        assert engines.read(path).version != before

    def test_version_needs_no_model_in_memory(self, tmp_path: Path) -> None:
        """A plan asks which version a detector has; a pipeline that does not load shows that it was
        not tried.
        """
        path = configured(tmp_path, **pipeline(tmp_path))
        lazy = LazyDetector(neural=True, nlp_configuration=path)
        tagger = NeuralTagger()
        assert lazy.version == PresidioDetector(tagger, nlp_configuration=path).version
        (tmp_path / "model" / "config.cfg").unlink()
        assert LazyDetector(neural=True, nlp_configuration=path).version != lazy.version
        with pytest.raises(EngineUnusable, match="cannot load its model"):
            lazy.detect(["hello"])

    def test_a_model_that_changed_meanwhile_is_refused(self, tmp_path: Path) -> None:
        """No run is named after a model that did not make it."""
        path = configured(tmp_path, **pipeline(tmp_path))
        lazy = LazyDetector(neural=False, nlp_configuration=path)
        assert lazy.version
        with (tmp_path / "model" / "meta.json").open("a") as meta:
            meta.write(" ")
        with pytest.raises(EngineUnusable, match="restart"):
            lazy.detect(["hello"])


class TestTransformers:
    """Models of the transformers library, by both of Presidio's roads."""

    def test_as_nlp_engine(self, tmp_path: Path) -> None:
        """Presidio's TransformersNlpEngine, with a spaCy pipeline under it."""
        need(*TRANSFORMERS)
        content = pipeline(tmp_path)
        names = {"spacy": "model", "transformers": bert(tmp_path)}
        content |= {"nlp_engine_name": "transformers"}
        content["models"] = [{"lang_code": "en", "model_name": names}]
        content["ner_model_configuration"] = {
            "model_to_presidio_entity_mapping": {"PER": "PERSON"},
            "aggregation_strategy": "simple",
        }
        assert told(configured(tmp_path, **content), "xolqua") == "[Person 1]"

    def test_as_recogniser(self, tmp_path: Path) -> None:
        """Presidio's HuggingFaceNerRecognizer."""
        need(*TRANSFORMERS)
        item = {
            "name": "HuggingFaceNerRecognizer",
            "model_name": bert(tmp_path),
            "label_mapping": {"PER": "PERSON"},
        }
        assert told(configured(tmp_path, recognizers=[item]), "xolqua") == "[Person 1]"

    @pytest.mark.parametrize(
        ("content", "missing"),
        [
            ({"nlp_engine_name": "transformers", "models": []}, "transformers, torch"),
            ({"recognizers": [{"name": "HuggingFaceNerRecognizer"}]}, "transformers, torch"),
            ({"recognizers": [{"name": "GLiNERRecognizer"}]}, "gliner"),
            ({"nlp_engine_name": "stanza", "models": []}, "stanza"),
        ],
    )
    def test_missing_packages(self, tmp_path: Path, content: Any, missing: str) -> None:
        """What is not installed is named."""
        need_absence("torch", "transformers", "gliner", "stanza")
        with pytest.raises(EngineUnusable, match=missing):
            engines.read(configured(tmp_path, **content))


class TestGliner:
    """A zero-shot model as a recogniser."""

    def test_as_recogniser(self, tmp_path: Path) -> None:
        """Presidio's GLiNERRecognizer around a tiny model of random weights."""
        need("python:gliner", "python:torch")
        import torch
        from gliner import GLiNER, GLiNERConfig
        from transformers import AutoModel

        torch.manual_seed(7)
        encoder = tmp_path / bert(tmp_path)
        AutoModel.from_pretrained(encoder).save_pretrained(encoder)
        config = GLiNERConfig(
            model_name=str(encoder), hidden_size=16, max_width=3, max_types=5, max_len=128
        )
        GLiNER.from_config(config).save_pretrained(str(tmp_path / "gliner"))
        item = {
            "name": "GLiNERRecognizer",
            "model_name": "gliner",
            "entity_mapping": {"name of a person": "PERSON"},
            "threshold": 0.0,
        }
        detector = PresidioDetector(nlp_configuration=configured(tmp_path, recognizers=[item]))
        found = [f for f in detector.detect(["xolqua"]).findings if f.source == "GLiNERRecognizer"]
        assert [(f.start, f.end, f.entity_type) for f in found] == [(0, 6, "PERSON")]

    def test_without_its_model(self, tmp_path: Path) -> None:
        """A model that is not on this machine is an error, not a download."""
        need("python:gliner")
        item = {"name": "GLiNERRecognizer", "model_name": "urchade/gliner_multi_pii-v1"}
        with pytest.raises(EngineUnusable, match="no model folder"):
            engines.read(configured(tmp_path, recognizers=[item]))


class TestRefused:
    """A configuration that cannot be used says why."""

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("[", "not YAML"),
            ("- a", "not a mapping"),
            ("{}", "neither"),
            ("recognizers: 3", "neither"),
            ("nlp_engine_name: other\nmodels: []", "spacy, stanza, transformers"),
            ("nlp_engine_name: spacy", "lang_code and model_name"),
            ("nlp_engine_name: spacy\nmodels: [3]", "lang_code and model_name"),
            ("recognizers: [{name: Other}]", "HuggingFaceNerRecognizer"),
            (
                "nlp_engine_name: spacy\nmodels: [{lang_code: en, model_name: en_core_web_xx}]",
                "none is downloaded",
            ),
        ],
    )
    def test_with_the_reason(self, tmp_path: Path, content: str, told: str) -> None:
        """Form, unknown names, models that are not here."""
        path = tmp_path / "engines.yaml"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(EngineUnusable, match=told):
            engines.read(path)

    def test_no_file(self, tmp_path: Path) -> None:
        """A file that is not there."""
        with pytest.raises(EngineUnusable, match="cannot be read"):
            engines.read(tmp_path / "none.yaml")

    def test_no_model_in_the_folder(self, tmp_path: Path) -> None:
        """A folder without a pipeline."""
        content = pipeline(tmp_path)
        (tmp_path / "model" / "config.cfg").unlink()
        with pytest.raises(EngineUnusable, match="cannot load its model"):
            engines.read(configured(tmp_path, **content)).load()
