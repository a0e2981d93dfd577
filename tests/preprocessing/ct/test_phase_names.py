"""Names of phases as vendors and users write them; the tables are the documentation of what is understood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.preprocessing.ct.phase_names import percent_in_text, phase_number_in_text, trigger_in_text

#: Text -> the percentage of the R-R interval that it names with a percent sign, or None.
PERCENTS = {
    # Siemens
    "70 % 1.0  B30f": 70,
    "CorCTA 0.75 Bv40 3 70%": 70,
    "BestDiast 77 %": 77,
    "BestSyst 0.6 Bv40 38 %": 38,
    "CTA 37,5 % Bv40": 37.5,
    "Cor 0.6 I26f 3 65 %": 65,
    "Cor 0.6 Qr36 4 65%": 65,
    "75%_0.6_Bv44_A3": 75,
    "TP70PC1165": 70,
    "HELIX TP35PC": 35,
    "DS_CorCTA 0.75 B26f 10 - 100 %": None,
    "Cor Bv40-75%": 75,
    "CaSc 3.0 Qr36 2 75% ADMIRE 3": 75,
    "SAFIRE 3 78%": 78,
    "QIR 3 VMI 55keV 75%": 75,
    "BestDiast": None,
    "BestSyst 0.75 B26f": None,
    "I26f 3": None,
    "B26f": None,
    # GE
    "75% ASiR-V 40%": 75,
    "Cardiac 75% ASIR 40%": 75,
    "ASIR 40%": None,
    "40% ASIR": None,
    "SS50% 75%": 75,
    "AR40% 0.625mm": None,
    "75.0% 0.625mm SNAPSHOT": 75,
    "SSF 45% TrueFidelity-H": 45,
    "ASiR-V 50% blend": None,
    "SmartPhase 42 %": 42,
    # Canon
    "Cardiac AIDR 3D 75%": 75,
    "AIDR3D STD FC43 80%": 80,
    "AiCE Cardiac 41%": 41,
    "FIRST Cardiac 75 % 0.5": 75,
    "ORG 0-90% multiphase": None,
    "Multi 30%-80% 10%": None,
    # Philips and others
    "iDose (4) 75%": 75,
    "iDose4 40.0%": 40,
    "IMR1 Cardiac 78%": 78,
    "0.8/0.4 XCB 75%": 75,
    "ClearView 50% 75%": 75,
    "KARL 3D 45%": 45,
    "75% of R-R": 75,
    "RR 75%": 75,
    "systole 35%": 35,
    "end-diastole (0%)": 0,
    "100 %": 100,
    "75 percent": 75,
    "70 Prozent": 70,
    "75pct diast": 75,
    # No phase, or more than one
    "30 to 80 %": None,
    "30 bis 80 % alle 5 %": None,
    "CTA 75% (pulsing 30-80%)": 75,
    "70 % and 30 %": None,
    "40/75 %": None,
    "40%/75%": None,
    "dose 20% CTA": None,
    "75% MinDose 4%": 75,
    "50% overlap": None,
    "zoom 120%": None,
    "170 %": None,
    "CTA 0.6-75%": 75,
    "CTA 0.6": None,
    "": None,
    # Other scripts
    "冠脉 75%": 75,
    "最佳舒张期 72 %": 72,
    "心位相７５％": 75,
    "拡張期 75%": 75,
    "コロナリー CTA": None,
    "심장 이완기 75%": 75,
    "Диастола 75 %": 75,
    "70 процентов": 70,
    "范围 30%至80%": None,
}

#: Text -> the number that it gives after a word for a phase, without a percent sign.
NUMBERS = {
    "CTA 0.5 Phase 40": 40,
    "CTA 0.5 Phase 75": 75,
    "Phase=75.0": 75,
    "Phase: 5": 5,
    "Ph75": 75,
    "PH 40 FC43": 40,
    "Best Diast 78": 78,
    "systole 35": 35,
    "R-R 75": 75,
    "RR75": 75,
    "fase 40": 40,
    "фаза 75": 75,
    "位相 75": 75,
    "时相75": 75,
    "위상 40": 40,
    "舒张期 75": 75,
    "Phase 1": 1,
    "Phase 1 of 10": None,
    "Phase 3/10": None,
    "Phase 40-80": None,
    "Phase 350 ms": None,
    "Phase 75%": None,
    "RR 850ms": None,
    "BestDiast 0.75 Bv40": None,
    "BestSyst 0.6": None,
    "Arterial phase": None,
    "venous phase 70 s": None,
    "Graph 40": None,
    "Bv40 3": None,
    "": None,
}

#: Text -> the delay after the R peak in ms.
TRIGGERS = {
    "350 ms": 350,
    "Trigger 275.5ms": 275.5,
    "BestSyst 300 ms": 300,
    "T350ms": 350,
    "CTA-350ms": 350,
    "CTA - 350 msec": 350,
    "delay 0 ms": 0,
    "86bpm, 250ms, 66ms": 250,
    "HR 72 delay 320 ms res 75 ms": 320,
    "tres 83 ms, 410 ms": 410,
    "TP70PC1165": 1165,
    "350 мс": 350,
    "350ミリ秒": 350,
    "350毫秒": 350,
    "350 밀리초": 350,
    "３５０ｍｓ": 350,
    "rotation 280 ms": None,
    "280 ms rot": None,
    "RR 850ms": None,
    "-400 ms": None,
    "200-400 ms": None,
    "200 ms to 400 ms": None,
    "0.6 mm": None,
    "75%": None,
    "": None,
}


@pytest.mark.parametrize(("text", "percent"), PERCENTS.items())
def test_percentages(text, percent):
    assert percent_in_text(text) == percent


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_numbers_after_a_word_for_a_phase(text, number):
    assert phase_number_in_text(text) == number


@pytest.mark.parametrize(("text", "delay"), TRIGGERS.items())
def test_delays(text, delay):
    assert trigger_in_text(text) == delay


def test_the_tables_are_large_enough_to_tell():
    assert len(PERCENTS) + len(NUMBERS) + len(TRIGGERS) > 120


@settings(deadline=None)
@given(
    st.integers(0, 100), st.sampled_from(["{} %", "{}%", "CorCTA {} % 0.6 Bv40", "{}.0 % 1.0 B30f", "{}％"])
)
def test_any_percentage_is_found(percent, pattern):
    assert percent_in_text(pattern.format(percent)) == percent


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_raises(text):
    for read in (percent_in_text, phase_number_in_text, trigger_in_text):
        assert read(text) is None or 0 <= read(text) < 10000
