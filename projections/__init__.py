"""Read models: pure views of a folded case, with the queries that they answer."""

from __future__ import annotations

from typing import Any, Final

from projections.alert_state import ALERT_STATE, ALERT_STATE_1
from projections.audit_trail import AUDIT_TRAIL
from projections.contact_advice import CONTACT_ADVICE
from projections.deadlines import DEADLINES
from projections.view import View

ALL: Final[tuple[View[Any], ...]] = (ALERT_STATE, AUDIT_TRAIL, CONTACT_ADVICE, DEADLINES)

# Older versions of them that this release can still compute: their builds are kept up, and can be returned to.
EARLIER: Final[tuple[View[Any], ...]] = (ALERT_STATE_1,)
