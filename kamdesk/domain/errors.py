"""The two kinds of failure that a person can do something about; anything else is a bug.

Texts are English literals marked for translation; `params` fill their `{names}` after translation,
so that only `ui/` makes sentences.
"""

from __future__ import annotations

from collections.abc import Mapping


class KamError(Exception):
    """A failure with a stable code, a marked text, and the values that fill it."""

    def __init__(
        self, text: str, *, code: str = "", context: str = "errors", **params: object
    ) -> None:
        super().__init__(text)
        self.text = text
        self.code = code or type(self).__name__
        self.context = context
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        try:
            return self.text.format(**self.params)
        except (KeyError, IndexError, ValueError):
            return self.text


class UserError(KamError):
    """What the user typed or asked cannot be done; says what to do. `field` is where it belongs."""

    def __init__(
        self,
        text: str,
        *,
        field: str = "",
        code: str = "",
        context: str = "errors",
        **params: object,
    ) -> None:
        super().__init__(text, code=code, context=context, **params)
        self.field = field


class MachineError(KamError):
    """The machine, the network or a file is at fault; says what is wrong. Work goes on."""


class Refused(KamError):
    """A rule of the job refuses a change; head office answers it with the code and the params."""
