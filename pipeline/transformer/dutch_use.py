"""The Dutch-trimmed sentence encoder as a transformers model, so that it is trained by the code that trains any other.

`pipeline/encoder.py` is the same network in numpy and the reference; `convert.py` takes its folder over. Importing
this module registers the three Auto classes, after which `save_pretrained` and `from_pretrained` work as for any
model: safetensors, no pickle, no remote code.

Segment and question are a pair of texts, as they are to BERT: `<s> segment </s> <s> question </s>` with token types
0 and 1. This model reads the two apart and lays their vectors side by side; no question is a vector of zeros.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.modeling_outputs import BaseModelOutputWithPooling, SequenceClassifierOutput

from pipeline.encoder import BRANCH_WIDTH, BRANCHES, CHUNKS, WIDTH

UNKNOWN, BEGIN, END = 0, 1, 2
_EPSILON = 1e-12
_FEATURES = WIDTH + len(BRANCHES) * BRANCH_WIDTH
_HIDDEN = 320


class DutchUseConfig(PreTrainedConfig):
    """The size of the vocabulary, and how the head reads the vectors, which have length 1: their dot products with
    weights of ordinary size are small, so the logits are multiplied by `logit_scale`."""

    model_type = "dutch-use"

    def __init__(
        self, vocab_size: int = 66_628, logit_scale: float = 10.0, head_dropout: float = 0.1, **others: Any
    ) -> None:
        super().__init__(**others)
        self.vocab_size = vocab_size
        self.hidden_size = WIDTH
        self.logit_scale = logit_scale
        self.head_dropout = head_dropout


class DutchUsePreTrainedModel(PreTrainedModel):
    """What the two models share: names and how new weights begin."""

    config_class = DutchUseConfig
    base_model_prefix = "encoder"

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class DutchUseModel(DutchUsePreTrainedModel):
    """Piece ids in, a vector of length 1 a text out (`pooler_output`, shape (texts, 512))."""

    table: Tensor
    chunk: Tensor
    scale: Tensor
    offset: Tensor

    def __init__(self, config: DutchUseConfig) -> None:
        super().__init__(config)
        # The table stays as small numbers, each chunk with its scale and offset. It is not trained: a study's labels
        # hold few of its pieces, and those alone would move.
        self.register_buffer("table", torch.zeros(config.vocab_size, WIDTH, dtype=torch.uint8))
        self.register_buffer("chunk", torch.zeros(config.vocab_size, dtype=torch.uint8))
        self.register_buffer("scale", torch.zeros(CHUNKS))
        self.register_buffer("offset", torch.zeros(CHUNKS))
        width = len(BRANCHES) * BRANCH_WIDTH
        self.projection = nn.Linear(WIDTH, width)
        self.projection_norm = nn.LayerNorm(width, eps=_EPSILON)
        self.first = nn.ModuleList(nn.Conv1d(BRANCH_WIDTH, BRANCH_WIDTH, n) for n, _ in BRANCHES)
        self.second = nn.ModuleList(nn.Conv1d(BRANCH_WIDTH, BRANCH_WIDTH, n) for n, _ in BRANCHES)
        self.norm = nn.LayerNorm(_FEATURES, eps=_EPSILON)
        self.pool = nn.Linear(_FEATURES, WIDTH)
        sizes = ((WIDTH, _HIDDEN), (_HIDDEN, _HIDDEN), (_HIDDEN, WIDTH), (WIDTH, WIDTH))
        self.dense = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in sizes)
        self.skip = nn.ModuleList([nn.Linear(WIDTH, _HIDDEN, bias=False), nn.Linear(_HIDDEN, WIDTH, bias=False)])
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: Any) -> BaseModelOutputWithPooling:
        """Ids, shape (texts, tokens), and which of them are no padding."""
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        ids, mask = _never_empty(input_ids, mask.bool())
        features = self._features(ids, mask)
        length = mask.sum(1, keepdim=True).to(features.dtype)
        sums = (self.norm(features) * mask[:, :, None]).sum(1)
        x = (sums @ self.pool.weight.T + length * self.pool.bias) / length.sqrt()
        second = functional.relu(self.skip[0](x) + self.dense[1](functional.relu(self.dense[0](x))))
        third = functional.relu(self.dense[2](second))
        vectors = functional.normalize(torch.tanh(self.skip[1](second) + self.dense[3](third)), dim=1)
        return BaseModelOutputWithPooling(last_hidden_state=features, pooler_output=vectors)

    def _features(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Of each token its embedding and what the three branches make of its surroundings: (texts, tokens, 1280)."""
        here = mask[:, None, :]
        ids = ids.masked_fill(~mask, UNKNOWN)
        chunk = self.chunk[ids].long()
        embedded = self.table[ids].to(self.scale.dtype) * self.scale[chunk][:, :, None] + self.offset[chunk][:, :, None]
        projected = self.projection_norm(self.projection(embedded)).transpose(1, 2) * here
        parts = [embedded]
        for i, (n, left) in enumerate(BRANCHES):
            branch = projected[:, i * BRANCH_WIDTH : (i + 1) * BRANCH_WIDTH]
            around = (left, n - 1 - left)
            hidden = (functional.relu(self.first[i](functional.pad(branch, around))) + branch) * here
            result = functional.relu(self.second[i](functional.pad(hidden, around))) + hidden
            parts.append(result.transpose(1, 2))
        return torch.cat(parts, dim=2)


class DutchUseForSequenceClassification(DutchUsePreTrainedModel):
    """One logit a label from the vectors of segment and question; several labels may hold (see
    `problem_type="multi_label_classification"`)."""

    def __init__(self, config: DutchUseConfig) -> None:
        super().__init__(config)
        self.encoder = DutchUseModel(config)
        self.dropout = nn.Dropout(config.head_dropout)
        self.classifier = nn.Linear(2 * WIDTH, config.num_labels or 1)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """`token_type_ids` says which tokens are the question (1); without it there is none."""
        mask = (torch.ones_like(input_ids) if attention_mask is None else attention_mask).bool()
        kind = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        segment, question = ((kind == which) & mask for which in (0, 1))
        asked = question.sum(1) > 2  # begin and end alone are no question
        left = self.encoder(*_moved_left(input_ids, segment)).pooler_output
        right = torch.zeros_like(left)
        if asked.any():
            right[asked] = self.encoder(*_moved_left(input_ids[asked], question[asked])).pooler_output
        vectors = self.dropout(torch.cat([left, right], dim=1))
        logits = functional.linear(vectors, self.classifier.weight) * self.config.logit_scale + self.classifier.bias
        loss = None if labels is None else functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))
        return SequenceClassifierOutput(loss=loss, logits=logits)


def _moved_left(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The tokens that `mask` marks, from the first column on, and the mask of those."""
    order = torch.argsort(~mask, dim=1, stable=True)
    width = max(int(mask.sum(1).max()), 1)
    return ids.gather(1, order)[:, :width], mask.gather(1, order)[:, :width]


def _never_empty(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """A text with nothing to read is one unknown piece, as in numpy (the sum over no tokens would be no vector)."""
    empty = mask.sum(1) <= 2
    if not empty.any():
        return ids, mask
    wider = max(3 - ids.shape[1], 0)
    ids, mask = functional.pad(ids, (0, wider)).clone(), functional.pad(mask, (0, wider)).clone()
    ids[empty, :3] = torch.tensor([BEGIN, UNKNOWN, END], device=ids.device)
    mask[empty] = torch.arange(ids.shape[1], device=ids.device) < 3
    return ids, mask


AutoConfig.register("dutch-use", DutchUseConfig, exist_ok=True)
AutoModel.register(DutchUseConfig, DutchUseModel, exist_ok=True)
AutoModelForSequenceClassification.register(DutchUseConfig, DutchUseForSequenceClassification, exist_ok=True)
AutoTokenizer.register(DutchUseConfig, fast_tokenizer_class=PreTrainedTokenizerFast, exist_ok=True)
