"""A DSPy program that sends a support ticket to a team. Java defines which of its knobs may vary, and tunes them."""

from __future__ import annotations

from typing import Literal

import dspy
from tickets import shown

import trimtab
from trimtab.dspy import VariableAwareChainOfThought, VariableAwareMixin

INSTRUCTIONS = """Decide which team should get the support ticket.

billing: invoices, charges, refunds, prices, payment methods, cards, tax
outage: the service is down, unreachable or answers with errors for many people right now
bug: something works wrongly: a defect that can be reproduced, a wrong result, a crash
how_to: asks how to do or set up something, or where to find a setting
account_access: cannot log in, password, code, locked account, missing rights or role
feature_request: a wish or suggestion for something the product cannot do yet
cancellation: end, cancel, terminate or not renew a contract, subscription, plan, trial or account
security: attack, phishing, leak, stolen device, suspicious login, vulnerability, fraud"""


class Triage(dspy.Signature):
    __doc__ = INSTRUCTIONS

    text: str = dspy.InputField(desc="what the customer wrote")
    label: Literal[
        "billing", "outage", "bug", "how_to", "account_access", "feature_request", "cancellation", "security"
    ] = dspy.OutputField(desc="who should deal with it")


@trimtab.program("ticket_triage", description="Sends a support ticket to a team.")
def build(session: trimtab.SessionContext) -> VariableAwareMixin:
    triage = VariableAwareChainOfThought(Triage, session=session)
    triage.predict.demos = shown(session["demonstrations_per_team"])  # another number makes another module
    triage.bind("temperature", "temperature")
    triage.bind("model", "model")
    return triage
