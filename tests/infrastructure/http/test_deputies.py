"""A deputy at night over HTTP: with the token that they decide with, they record who is not there."""

from __future__ import annotations

from tests.infrastructure.http.a_house import House, accepted

NIGHTS = frozenset({"record", "decide", "read"})
TODAY = "2026-01-12"


def test_a_deputy_records_with_a_token_for_deciding_that_the_holder_is_away_and_the_holder_ends_it(
    house: House,
) -> None:
    post = {"role": "duty_manager", "area": "nights", "starts_on": TODAY}
    administrator = house.caller("derby", "administrator")
    tenures = [
        accepted(
            administrator.post(
                "/v1/landlord/appoint-post", {**post, "staff": house.staff("derby", login), "deputy": deputy}
            )
        )["facts"][0]["id"]
        for login, deputy in (("night-holder", False), ("night-deputy", True))
    ]
    holder, deputy = (house.caller("derby", login, NIGHTS) for login in ("night-holder", "night-deputy"))
    away = {"tenure": tenures[0], "from_on": TODAY}

    blind = house.caller("derby", "night-deputy", frozenset({"record", "read"})).post(
        "/v1/landlord/record-absence", away
    )
    assert (blind.status_code, blind.json()["type"]) == (403, "/problems/scope-missing")
    assert blind.json()["detail"] == "This takes a token with the scope administer or decide."

    absence = accepted(deputy.post("/v1/landlord/record-absence", away))["facts"][0]["id"]
    state = house.evenhand.office("derby").desk.state()
    assert state.absences[-1].recorded_by == house.staff("derby", "night-deputy")
    ended = {"absence": absence, "last_day": TODAY}
    assert deputy.post("/v1/landlord/end-absence", ended).status_code == 409
    accepted(holder.post("/v1/landlord/end-absence", ended))
    for tenure in tenures:
        accepted(administrator.post("/v1/landlord/end-post", {"tenure": tenure, "last_day": TODAY}))
