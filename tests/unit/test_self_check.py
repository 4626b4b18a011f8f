"""The self-check reads each table a few times, however large the record is."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from api.self_check import faults_of
from tests.faults.installation import Installation
from tests.small_pack import sound_case


def test_no_question_of_the_self_check_reads_a_table_for_each_row_of_another(
    tmp_path: Path,
) -> None:
    office = Installation(tmp_path).begun()
    office.decided([sound_case()])
    office.placed()
    asked: list[tuple[str, Any]] = []

    with office.opened(to_read=True) as store:
        with store.database.reading() as connection:
            engine = connection.engine
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
        assert list(faults_of(store)) == []
        with store.database.reading() as connection:
            plans = {
                query: [
                    str(step[3])
                    for step in connection.exec_driver_sql(
                        f"EXPLAIN QUERY PLAN {query}", values
                    )
                ]
                for query, values in asked.copy()
                if query.startswith("SELECT count")
            }

    assert len(plans) >= 5
    assert all(
        not (step.startswith("SCAN") and "JOIN" in step)
        for plan in plans.values()
        for step in plan
    ), plans
