"""An agent that sorts support tickets with a tool of the JVM, and the configuration space that comes with it.

Python defines the space and binds the agent; Java tunes it and applies what it found, and the agent's next call uses that.
"""

from __future__ import annotations

import dspy
from ticket_triage import Triage
from tickets import shown

import trimtab
from trimtab.dspy import VariableAwareMixin, VariableAwareReAct, java_tools

MODELS = ["small", "large"]  # what Java offers


def configuration(session: trimtab.SessionContext) -> trimtab.ConfigurationSpace:
    return (
        session.spaces.define("react_agent_config", description="how the agent thinks, and for how long")
        .add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 1.5})
        .add_variable("max_iters", "integer", 5, {"min": 3, "max": 10})
        .add_variable("reasoning_model", "choice", "small", {"options": MODELS})
        .add_variable("tool_model", "choice", "small", {"options": MODELS})
        .add_constraint(
            "max_iters <= 6 || tool_model == 'small'", "long searches are left to the model that costs little"
        )
        .register()
    )


@trimtab.program("react_agent", description="Sorts support tickets by asking for help.", space="react_agent_config")
def build(session: trimtab.SessionContext) -> VariableAwareMixin:
    configuration(session)
    agent = VariableAwareReAct(Triage, tools=java_tools(session), session=session)
    agent.react.demos = ways_to_work()
    agent.extract.predict.demos = [
        dspy.Example(text=ticket.text, trajectory="", reasoning="As in tickets like it.", label=ticket.label)
        for ticket in shown(per_team=4)
    ]
    agent.bind("temperature", "temperature")
    agent.bind("max_iters", "max_iters")
    agent.bind("extract.predict.model", "reasoning_model")
    agent.bind("react.model", "tool_model")
    return agent


def ways_to_work() -> list[dspy.Example]:
    """First look into the handbook, then be done."""
    ticket = shown(per_team=1)[0].text
    looked = (
        "[[ ## thought_0 ## ]]\nThe handbook says who deals with what.\n\n[[ ## tool_name_0 ## ]]\nhandbook\n\n"
        "[[ ## tool_args_0 ## ]]\n{}\n\n[[ ## observation_0 ## ]]\nbilling deals with money"
    )
    return [
        dspy.Example(
            text=ticket,
            trajectory="",
            next_thought="The handbook says who deals with what.",
            next_tool_name="handbook",
            next_tool_args={},
        ),
        dspy.Example(
            text=ticket,
            trajectory=looked,
            next_thought="Now I know enough.",
            next_tool_name="finish",
            next_tool_args={},
        ),
    ]
