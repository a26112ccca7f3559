"""Scripts step by step: what a run says to do, and what it makes of what comes."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.mocking.scripts import Emit, Finish, Pause, Receive, RunError
from mockforge.mocking.scripts.run import MAX_SILENT, Run
from mockforge.mocking.scripts.scope import MAX_VARIABLE_BYTES
from tests.kernel.scripts.plain import run_of


def actions(run: Run, most: int = 50) -> list[Any]:
    """What a run that expects nothing does, up to its end."""
    found: list[Any] = []
    while len(found) < most:
        found.append(run.next())
        if isinstance(found[-1], Finish):
            break
    return found


def test_steps_come_in_order_and_the_end_comes_by_itself() -> None:
    run = run_of([{"send": "a"}, {"wait": 0.5}, {"send": "b", "after": 2}])
    assert actions(run) == [Emit("a"), Pause(0.5), Pause(2.0), Emit("b"), Finish("end")]


@pytest.mark.parametrize(
    ("step", "finish"),
    [
        ("end", Finish("end")),
        ({"end": True}, Finish("end")),
        ({"close": 1001}, Finish("close", 1001)),
        ({"error": {"code": 5}}, Finish("error", {"code": 5})),
        ("disconnect", Finish("disconnect")),
    ],
)
def test_nothing_comes_after_an_end(step: Any, finish: Finish) -> None:
    run = run_of([{"repeat": 3, "do": [{"send": 1}, step]}, {"send": 2}])
    assert actions(run) == [Emit(1), finish]
    assert run.next() == Finish("end")


def test_loops_repeat_with_pauses_between_and_count_their_turns() -> None:
    run = run_of([{"repeat": 3, "every": 1, "do": [{"send": "$index"}]}, {"send": "$index"}])
    assert actions(run) == [
        *(Emit(0), Pause(1.0), Emit(1), Pause(1.0), Emit(2)),
        *(Emit(0), Finish("end")),
    ]


def test_loops_lie_in_each_other() -> None:
    inner = {"repeat": 2, "do": [{"send": "$index"}]}
    run = run_of([{"repeat": 2, "do": [inner, {"send": "$index"}]}])
    assert [a.payload for a in actions(run)[:-1]] == [0, 1, 0, 0, 1, 1]


def test_a_loop_of_no_turns_is_passed_over() -> None:
    assert actions(run_of([{"repeat": 0, "do": [{"send": 1}]}])) == [Finish("end")]


def test_how_often_may_be_worked_out_and_below_zero_counts_as_never() -> None:
    script = [{"repeat": "$n", "do": [{"send": 1}]}]
    assert len(actions(run_of(script, {"n": "2"}))) == 3
    assert len(actions(run_of(script, {"n": -4}))) == 1
    assert len(actions(run_of(script, {"n": 2.0}))) == 3


@pytest.mark.parametrize("often", ["x", "", None, [1], float("nan"), "9" * 5000])
def test_how_often_has_to_come_to_a_number(often: object) -> None:
    with pytest.raises(RunError, match=r"`repeat` came to .* which is no number"):
        actions(run_of([{"repeat": "$n", "do": [{"send": 1}]}], {"n": often}))


def test_for_ever_goes_on() -> None:
    found = actions(run_of([{"forever": [{"send": 1}]}]), most=500)
    assert found == [Emit(1)] * 500


def test_variables_are_kept_and_branches_choose_by_them() -> None:
    run = run_of(
        [
            {"set": {"n": 0}},
            {
                "forever": [
                    {"set": {"n": "+n"}},
                    {"branch": [{"if": "$done", "do": ["end"]}, {"do": [{"send": "$n"}]}]},
                    {"branch": [{"if": "false", "do": ["disconnect"]}]},
                ]
            },
        ]
    )
    assert [run.next(), run.next()] == [Emit(1), Emit(2)]
    run.scope.assign("done", True)
    assert run.next() == Finish("end")


def test_what_is_expected_goes_on_and_what_is_not_is_passed_over() -> None:
    run = run_of([{"expect": "join"}, {"send": "$message"}])
    assert run.next() == Receive(None)
    assert not run.deliver("noise")
    with pytest.raises(RuntimeError, match="say what came"):
        run.next()
    assert run.deliver("join", {"text": "join"})
    assert actions(run) == [Emit({"text": "join"}), Finish("end")]


def test_any_message_will_do_for_an_empty_expectation_and_branches_look_at_the_last() -> None:
    run = run_of(
        [
            {"branch": [{"when": "a", "do": ["disconnect"]}]},
            {"expect": {}},
            {
                "branch": [
                    {"when": "a", "do": [{"send": "was a"}]},
                    {"when": "b", "do": [{"send": "was b"}]},
                ]
            },
        ]
    )
    assert run.next() == Receive(None)
    assert run.deliver("b")
    assert actions(run) == [Emit("was b"), Finish("end")]


def test_when_the_time_is_up_the_script_says_what_to_do_or_fails() -> None:
    run = run_of([{"expect": "x", "within": 3, "else": [{"send": "late"}]}, {"send": "on"}])
    assert run.next() == Receive(3.0)
    run.timed_out()
    assert actions(run) == [Emit("late"), Emit("on"), Finish("end")]
    run = run_of([{"expect": "x", "within": 3}])
    run.next()
    with pytest.raises(RunError, match="no message came that fits 'x'"):
        run.timed_out()


def test_a_run_ends_when_the_other_side_has_gone() -> None:
    run = run_of([{"forever": [{"expect": {}}]}])
    assert run.next() == Receive(None)
    run.hung_up()
    assert run.next() == Finish("end")


def test_a_loop_is_over_when_no_more_messages_come_and_what_follows_is_next() -> None:
    run = run_of(
        [
            {"repeat": 3, "do": [{"forever": [{"expect": "x"}]}, {"send": "in"}]},
            {"send": "out"},
        ]
    )
    assert run.next() == Receive(None)
    assert run.accepts is not None
    run.dried_up()
    assert run.accepts is None
    assert run.next() == Emit("in")
    run.next()
    run.dried_up()
    assert run.next() == Emit("in")
    run.next()
    run.dried_up()
    assert actions(run) == [Emit("in"), Emit("out"), Finish("end")]


def test_outside_of_loops_what_no_longer_comes_is_like_time_that_is_up() -> None:
    run = run_of([{"expect": "x", "within": 3, "else": [{"send": "else"}]}])
    run.next()
    run.dried_up()
    assert actions(run) == [Emit("else"), Finish("end")]
    run = run_of([{"expect": "x"}])
    run.next()
    with pytest.raises(RunError, match="no message came"):
        run.dried_up()


# ------------------------------------------------------------------ limits


def test_a_loop_that_only_thinks_is_stopped() -> None:
    # What compiling cannot see: a case that never holds is all there is to send.
    run = run_of([{"forever": [{"branch": [{"if": False, "do": [{"send": 1}]}]}]}])
    with pytest.raises(RunError, match=f"{MAX_SILENT} steps in a row"):
        run.next()
    run = run_of([{"forever": [{"wait": 0}]}])
    assert all(run.next() == Pause(0.0) for _ in range(MAX_SILENT // 2))
    with pytest.raises(RunError, match="in a row"):
        actions(run, most=MAX_SILENT)


def test_variables_are_bounded() -> None:
    run = run_of([])
    with pytest.raises(RunError, match="more than 65536 bytes"):
        run.scope.assign("a", "x" * MAX_VARIABLE_BYTES)
    for number in range(64):
        run.scope.assign(f"v{number}", number)
    with pytest.raises(RunError, match="more than 64 variables"):
        run.scope.assign("one_more", 1)
    run.scope.assign("v1", "again")
    assert run.scope.variables["v1"] == "again"
    with pytest.raises(RunError, match="cannot be kept"):
        run.scope.assign("v1", object())
