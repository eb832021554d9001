"""Whoever agrees an adjustment learns at once what in force goes against it, and sees on the case that it is owed."""

from typing import Any

from domain.codes import Channel
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from tests.domain.world import words
from tests.infrastructure.http.a_house import House, accepted, answered
from tests.infrastructure.http.road import HttpWorld, a_road


def test_the_answer_names_the_measures_that_conflict_and_advice_and_case_follow(everybody: House) -> None:
    road = a_road(everybody, "wolverhampton")
    restriction = road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    world = road.world
    assert isinstance(world, HttpWorld)
    world.wait(1)
    officer, path = world.callers["case_officer"], f"/v1/cases/{world.case_id}"

    def on_the_telephone() -> Any:
        everybody.evenhand.demonstration_clock("wolverhampton").set(world.now)
        answer = answered(officer.get("/v1/advice", person=world.person, channel="telephone", purpose="enquiry"))
        return answer["handling"]

    assert on_the_telephone() == "redirect"
    world.do(RequestAdjustment(kind="other", needs=words()))
    decided = DecideAdjustment(
        adjustment="adjustment-1",
        agreed=True,
        reason=words(),
        instruction=words(),
        unusable_channels=(Channel.LETTER, Channel.EMAIL, Channel.ONLINE_FORM),
    )
    answer = accepted(world.send(decided))
    assert answer["conflicts"] == [{"case": world.case_id, "measure": f"{restriction}.1"}]
    assert f"varying:{restriction}.1:adjustment-1" in answered(officer.get(path))["valid_on"]["owed"]
    assert on_the_telephone() == "take"
