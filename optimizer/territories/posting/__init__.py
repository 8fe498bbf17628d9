"""How each rule and term is posted into a model. ``docs/adding-a-rule.md`` walks through one."""

from .compilation import compile_rules, compile_stage

__all__ = ["compile_rules", "compile_stage"]
