"""The model as a Mesa model: agents are views of rows, batches run, nothing leaks."""

import copy
import gc
import pickle
import weakref

import cloudpickle
import economies
import mesa
import numpy as np
import pytest

from chainsim.runs.mesa_model import ChainModel
from chainsim.runs.simulation import simulate
from chainsim.scenario.errors import ScenarioError

CROWD = economies.crowd()


@pytest.fixture
def model():
    return ChainModel(CROWD, seed=1)


def test_agents_are_the_enterprises_in_business(model):
    model.step()
    assert [agent.unique_id for agent in model.agents] == model.economy.identity[model.economy.active].tolist()


def test_selected_agents_add_up_to_their_segment(model):
    lenses = model.agents.select(lambda enterprise: enterprise.segment == "lenses")
    assert lenses.agg("output", sum) == pytest.approx(600.0, rel=1e-12)


def test_groups_of_agents_count_all_of_them(model):
    assert model.agents.groupby("segment").count() == {"lenses": 32, "cameras": 32}
    assert sum(model.agents.groupby("park").count().values()) == model.economy.n


def test_agents_have_words_where_columns_have_numbers(model):
    agent = model.agents[0]
    assert (agent.segment, agent.tier, agent.owner) == ("lenses", "upstream", "private")
    assert agent.park in ("north", "south")


def test_setting_a_column_through_agents_changes_the_economy(model):
    model.agents.select(lambda enterprise: enterprise.segment == "cameras").set("quality", 0.5)
    cameras = model.economy.segment == 1
    assert (model.economy.quality[cameras] == 0.5).all()
    assert (model.economy.quality[~cameras] < 0.5).all()


def test_what_an_agent_is_cannot_be_set(model):
    for name in ("identity", "segment", "park", "owner", "tier", "shape"):
        with pytest.raises(AttributeError, match=name):
            setattr(model.agents[0], name, 1)


def test_an_unknown_attribute_is_answered_with_the_columns_there_are(model):
    assert not hasattr(model.agents[0], "shape")
    with pytest.raises(AttributeError, match=r"no 'shape'; it has .*price"):
        _ = model.agents[0].shape


def test_suppliers_of_an_agent_sell_what_it_buys(model):
    suppliers = [seller for agent in model.agents if agent.segment == "cameras" for seller in agent.suppliers]
    assert suppliers
    assert {seller.segment for seller in suppliers} == {"lenses"}


def test_a_change_through_agents_shows_in_the_next_year():
    plain, changed = ChainModel(CROWD, seed=1), ChainModel(CROWD, seed=1)
    changed.agents.set("quality", 1.0)
    plain.step()
    changed.step()
    assert changed.indicator("output") > 1.1 * plain.indicator("output")


def test_agents_are_not_built_unless_asked_for(model, monkeypatch):
    monkeypatch.setattr("chainsim.runs.mesa_model.Enterprise.__init__", lambda *_: pytest.fail("a view was built"))
    model.step()
    assert model.year == 2021


def test_an_agent_kept_over_the_years_stays_the_same_enterprise():
    model = ChainModel(economies.crowd(end=2040), seed=1)
    kept = [(agent, agent.unique_id) for agent in model.agents]
    rows = model.economy.n
    while model.running:
        model.step()
    assert model.economy.n != rows
    assert {identity for _, identity in kept} - set(model.economy.identity.tolist()), "some have left the table"
    for agent, identity in kept:
        if identity in model.economy.identity:
            assert agent.identity == identity
        else:
            with pytest.raises(LookupError, match="left"):
                _ = agent.output


def test_enterprises_leave_through_demography_only(model):
    with pytest.raises(TypeError, match="demography"):
        model.agents[0].remove()


def test_the_data_collector_holds_the_indicators_of_the_chain_from_the_base_year_on(model):
    while model.running:
        model.step()
    collected = model.datacollector.get_model_vars_dataframe()
    region = simulate(CROWD, 1).tables["region"]
    chain = region["scope"] == "chain"
    assert collected["year"].tolist() == region["year"][chain].tolist() == list(range(2020, 2026))
    for name in ("output", "localization_rate", "employment"):
        assert collected[name].tolist() == region[name][chain].tolist()


def test_a_data_collector_reads_columns_of_agents(model):
    collector = mesa.DataCollector(agent_reporters={"output": "output", "segment": "segment"})
    collector.collect(model)
    frame = collector.get_agent_vars_dataframe()
    assert frame.groupby("segment")["output"].sum().to_dict() == pytest.approx({"lenses": 600.0, "cameras": 900.0})


def test_a_step_after_the_last_year_does_nothing(model):
    while model.running:
        model.step()
    output = model.economy.output.copy()
    model.step()
    assert model.year == 2025
    assert np.array_equal(output, model.economy.output)


def batch(**parameters):
    """Rows of a Mesa batch over these parameters."""
    return mesa.batch_run(ChainModel, {"config": [CROWD]} | parameters, display_progress=False)


def test_a_batch_gives_the_last_year_of_every_run_the_same_for_the_same_seed():
    first, second, again = batch(seed=[1, 2, 1])
    assert first["year"] == second["year"] == 2025
    assert first["output"] == again["output"] != second["output"]
    region = simulate(CROWD, 1).tables["region"]
    assert first["output"] == region["output"][region["scope"] == "chain"][-1]


def test_a_seed_that_no_table_can_hold_is_refused():
    with pytest.raises(ScenarioError, match="expected a seed of at most"):
        ChainModel(CROWD, seed=2**63)


@pytest.mark.parametrize("processes", [1, 2])
def test_iterations_of_a_batch_are_the_replications_of_the_scenario(processes):
    rows = mesa.batch_run(
        ChainModel, {"config": [CROWD]}, iterations=3, number_processes=processes, display_progress=False
    )
    seeds = {row["iteration"]: row["output"] for row in rows}
    region = [simulate(CROWD, CROWD.seed + number).tables["region"] for number in range(3)]
    assert [seeds[number] for number in range(3)] == [
        table["output"][table["scope"] == "chain"][-1] for table in region
    ]
    assert len(set(seeds.values())) == 3


def test_a_batch_can_collect_every_year():
    rows = mesa.batch_run(
        ChainModel, {"config": [CROWD], "seed": [1]}, data_collection_period=1, display_progress=False
    )
    assert [row["year"] for row in rows] == list(range(2020, 2026))


def test_a_scenario_given_bare_to_a_batch_is_explained():
    with pytest.raises(TypeError, match="scenario"):
        mesa.batch_run(ChainModel, {"config": CROWD, "seed": 1}, display_progress=False)


def pickled(model):
    return pickle.loads(pickle.dumps(model))  # noqa: S301  our own bytes


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_model_can_be_duplicated_and_goes_on_alike(model, duplicate):
    model.step()
    assert len(model.agents) > 0
    other = duplicate(model)
    model.step()
    other.step()
    assert other.year == model.year == 2022
    assert np.array_equal(other.economy.output, model.economy.output)
    assert other.agents[0].model is other


def test_an_agent_can_travel_to_another_process(model):
    agent = model.agents[3]
    other = cloudpickle.loads(cloudpickle.dumps(agent))
    assert (other.unique_id, other.output) == (agent.unique_id, agent.output)


def test_deleted_models_leave_nothing_behind():
    models = [ChainModel(CROWD, seed=seed) for seed in range(50)]
    for model in models:
        assert model.agents
    left = [weakref.ref(model) for model in models]
    known = len(mesa.Agent._ids)
    models.clear()
    del model
    gc.collect()
    assert [ref for ref in left if ref() is not None] == []
    assert len(mesa.Agent._ids) <= known


def test_own_agents_live_beside_the_enterprises(model):
    mesa.Agent(model)
    assert len(model.agents_by_type[mesa.Agent]) == 1
    assert len(model.agents) == model.economy.n
