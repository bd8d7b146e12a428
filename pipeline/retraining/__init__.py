"""The loop: what researchers validated teaches a new model, which is taken into use only when it is better.

Everything here is behind the one-way door: it sees pseudonymised talk only. A model that was trained on interviews is
as confidential as they are, so that its folder stands in the study's private folder and never in the output.
"""
