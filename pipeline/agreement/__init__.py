"""Agreement between coders: the statistics, and the report that a methods chapter can use."""

from pipeline.agreement.statistics import cohen_kappa, krippendorff_alpha

__all__ = ["cohen_kappa", "krippendorff_alpha"]
