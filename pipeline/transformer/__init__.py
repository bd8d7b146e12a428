"""Models that need torch: the Dutch encoder as a transformers model, fine-tuning, and the setting `deep`."""
