"""Events: trigger, category, who takes part, and whether it happened."""

from collections.abc import Callable

import pytest
from found import frame

from workbench.core.annotations import AnnotationSet

Suggest = Callable[[str], AnnotationSet]

CASES = [
    # active, passive, by a participle, through a relative clause
    (
        "Norway expelled two Russian diplomats.",
        "expelled",
        "SANCTION",
        {"actor": {"Norway"}, "recipient": {"two Russian diplomats"}},
    ),
    ("The ship was seized by Estonia on Monday.", "seized", "COERCE", {"actor": {"Estonia"}, "time": {"Monday"}}),
    (
        "The envoy praised Canada, which sent tents to Haiti.",
        "sent",
        "AID",
        {"actor": {"Canada"}, "recipient": {"Haiti"}},
    ),
    (
        "Russia struck the port, killing three workers.",
        "killing",
        "ASSAULT",
        {"actor": {"Russia"}, "recipient": {"three workers"}},
    ),
    # coordination of subjects, of verbs
    (
        "Norway and Sweden condemned Iran.",
        "condemned",
        "ACCUSE",
        {"actor": {"Norway", "Sweden"}, "recipient": {"Iran"}},
    ),
    ("Norway met Sweden and accused Iran of lying.", "accused", "ACCUSE", {"actor": {"Norway"}, "recipient": {"Iran"}}),
    (
        "Rebels kidnapped and killed two soldiers.",
        "kidnapped",
        "ASSAULT",
        {"actor": {"Rebels"}, "recipient": {"two soldiers"}},
    ),
    # a participle that looks like a past tense, and an event that does what its own actor does
    ("Engineers freed in Niger", "freed", "RETREAT", {"recipient": {"Engineers"}, "place": {"Niger"}}),
    (
        "Israeli strikes killed three soldiers.",
        "killed",
        "ASSAULT",
        {"actor": {"Israeli"}, "recipient": {"three soldiers"}},
    ),
    # an object that a passive keeps, a gerund below a preposition, what is only counted, a particle like a preposition
    (
        "Anna Holm was given asylum by Norway on Monday.",
        "given",
        "AID",
        {"actor": {"Norway"}, "recipient": {"Anna Holm"}, "time": {"Monday"}},
    ),
    (
        "Two candidates were barred from running in Kenya.",
        "barred",
        "COERCE",
        {"recipient": {"Two candidates"}, "place": {"Kenya"}},
    ),
    ("Ukraine downed 60 of 80 drones.", "downed", "ASSAULT", {"actor": {"Ukraine"}}),
    (
        "Some of the hostages were released by Chad.",
        "released",
        "RETREAT",
        {"actor": {"Chad"}, "recipient": {"hostages"}},
    ),
    (
        "Chad handed over the prisoners on Monday.",
        "handed over",
        "RETREAT",
        {"actor": {"Chad"}, "recipient": {"prisoners"}, "time": {"Monday"}},
    ),
    # a date is no object of a particle; a noun whose verb stands after it
    ("The treaty was signed on Friday.", "signed", "SUPPORT", {"time": {"Friday"}}),
    ("A strike was called by nurses in Lima.", "strike", "PROTEST", {"actor": {"nurses"}, "place": {"Lima"}}),
    ("A ceasefire was announced by Chad.", "ceasefire", "CONCEDE", {"actor": {"Chad"}}),
    # who has a name attacks with words, gunmen do not
    (
        "Anna Holm attacked Ivo Berg over the tax.",
        "attacked",
        "ACCUSE",
        {"actor": {"Anna Holm"}, "recipient": {"Ivo Berg"}},
    ),
    ("Gunmen attacked the villagers.", "attacked", "ASSAULT", {"actor": {"Gunmen"}, "recipient": {"villagers"}}),
    # what two do together, whoever is the subject
    ("Norway spoke with Iran on Monday.", "spoke", "CONSULT", {"actor": {"Norway", "Iran"}, "time": {"Monday"}}),
    ("Norway phoned Iran.", "phoned", "CONSULT", {"actor": {"Norway"}, "recipient": {"Iran"}}),
    ("Norway thanked Peru after talks with Iran.", "talks", "CONSULT", {"actor": {"Norway", "Iran"}}),
    # control
    ("Egypt urged Israel to withdraw from Gaza.", "withdraw", "RETREAT", {"actor": {"Israel"}, "place": {"Gaza"}}),
    ("Egypt promised Israel to withdraw.", "withdraw", "RETREAT", {"actor": {"Egypt"}}),
    ("Egypt called on Israel to withdraw.", "called on", "REQUEST", {"actor": {"Egypt"}, "recipient": {"Israel"}}),
    # apposition, titles, groups
    ("Its envoy, Anna Holm, met Iran.", "met", "CONSULT", {"actor": {"Anna Holm", "Iran"}}),
    (
        "Foreign Minister Anna Holm apologised to Chile.",
        "apologised",
        "CONCEDE",
        {"actor": {"Anna Holm"}, "recipient": {"Chile"}},
    ),
    ("Turkish troops shelled Kobani.", "shelled", "ASSAULT", {"actor": {"Turkish troops"}, "place": {"Kobani"}}),
    (
        "U.S. and Russian diplomats met in Geneva.",
        "met",
        "CONSULT",
        {"actor": {"U.S. and Russian diplomats"}, "place": {"Geneva"}},
    ),
    # nouns
    ("Talks between Havana and Lima ended.", "Talks", "CONSULT", {"actor": {"Havana", "Lima"}}),
    ("Israeli strikes on Lebanon continued.", "strikes", "ASSAULT", {"actor": {"Israeli"}, "place": {"Lebanon"}}),
    ("Norway's warning to Iran was ignored.", "warning", "THREATEN", {"actor": {"Norway"}, "recipient": {"Iran"}}),
    # support verbs and particles
    ("France held talks with Italy.", "held talks", "CONSULT", {"actor": {"France", "Italy"}}),
    (
        "The EU imposed sanctions on Belarus.",
        "imposed sanctions",
        "SANCTION",
        {"actor": {"EU"}, "recipient": {"Belarus"}},
    ),
    ("Tehran ruled out inspections.", "ruled out", "REJECT", {"actor": {"Tehran"}}),
    # who speaks for a body; who gives what another earns
    (
        "A spokesman for Norway condemned the raid by Iran.",
        "condemned",
        "ACCUSE",
        {"actor": {"Norway"}, "recipient": {"Iran"}},
    ),
    ("The plan drew criticism from Norway.", "criticism", "ACCUSE", {"actor": {"Norway"}}),
    # a refusal begins at its negation; two who do something together
    ("Norway would not accept the plan.", "not accept", "REJECT", {"actor": {"Norway"}}),
    ("Norway cannot support the deal.", "cannot support", "REJECT", {"actor": {"Norway"}}),
    ("Rubio and Lavrov spoke on Monday.", "spoke", "CONSULT", {"actor": {"Rubio", "Lavrov"}, "time": {"Monday"}}),
    ("Norway praised Putin's talks with Trump.", "talks", "CONSULT", {"actor": {"Putin", "Trump"}}),
    (
        "Marco Rubio called Sergei Lavrov. The pair discussed the truce.",
        "discussed",
        "CONSULT",
        {"actor": {"Marco Rubio", "Sergei Lavrov"}},
    ),
    # whose doing an infinitive is, also where the lexicon's row does not say
    (
        "Washington and Paris press Moscow to withdraw.",
        "withdraw",
        "RETREAT",
        {"actor": {"Moscow"}},
    ),
    # countries in titles play no role
    (
        "U.S. President Donald Trump met Polish Foreign Minister Anna Holm.",
        "met",
        "CONSULT",
        {"actor": {"Donald Trump", "Anna Holm"}},
    ),
    # of two entries that fit, the one that names the words
    (
        "Iran and Iraq exchanged fire on Monday.",
        "exchanged fire",
        "ASSAULT",
        {"actor": {"Iran", "Iraq"}, "time": {"Monday"}},
    ),
    # a row for a plural does not hide those of the singular
    (
        "Norway announced sanctions against Iran.",
        "sanctions",
        "SANCTION",
        {"actor": {"Norway"}, "recipient": {"Iran"}},
    ),
    ("The measures against Iran worried Norway.", "measures", "SANCTION", {"recipient": {"Iran"}}),
    # forms that the pipeline takes for those of another verb
    ("Prisoners staged a sit-in.", "staged a sit-in", "PROTEST", {"actor": {"Prisoners"}}),
    ("Police cordoned off the street.", "cordoned off", "COERCE", {"actor": {"Police"}}),
    # a clause with a subject of its own is active, also where it depends on a noun
    (
        "Norway was shocked by reports that Iran has killed two soldiers.",
        "killed",
        "ASSAULT",
        {"actor": {"Iran"}, "recipient": {"two soldiers"}},
    ),
    # a verb is no object of another, "for" may begin a clause, and a noun may only say of what kind another is
    ("Norway will continue to call for restraint.", "call for", "REQUEST", {"actor": {"Norway"}}),
    ("Norway pressed for Iran to leave.", "pressed for", "REQUEST", {"actor": {"Norway"}, "recipient": {"Iran"}}),
    ("Both armies violated the ceasefire agreement.", "violated", "ASSAULT", {"actor": {"Both armies"}}),
    # the preposition right after a noun belongs to it; one after an object may belong to the verb
    ("It warned of new attacks by Israel.", "attacks", "ASSAULT", {"actor": {"Israel"}}),
    ("Turkey sold ten drones to Ethiopia.", "sold", "COOPERATE", {"actor": {"Turkey"}, "recipient": {"Ethiopia"}}),
    # "by" may stand further off; who acts in the means acts; who claims an attack made it
    ("It regretted the attack on the port by Chad.", "attack", "ASSAULT", {"actor": {"Chad"}}),
    (
        "Two soldiers were killed in an ambush by rebels.",
        "killed",
        "ASSAULT",
        {"actor": {"rebels"}, "recipient": {"Two soldiers"}},
    ),
    (
        "A series of Israeli strikes killed 12 people.",
        "killed",
        "ASSAULT",
        {"actor": {"Israeli"}, "recipient": {"12 people"}},
    ),
    (
        "Islamic State claimed responsibility for the bombing in Kabul.",
        "bombing",
        "ASSAULT",
        {"actor": {"Islamic State"}, "place": {"Kabul"}},
    ),
    # a participle that the parse takes for a clause; a relative clause about two
    (
        "The sailors held there were freed by Iran.",
        "freed",
        "RETREAT",
        {"actor": {"Iran"}, "recipient": {"sailors"}},
    ),
    (
        "Qatar and Egypt, which are mediating between Israel and Hamas, waited.",
        "mediating",
        "CONSULT",
        {"actor": {"Qatar", "Egypt"}, "recipient": {"Israel", "Hamas"}},
    ),
    # a date in between is no object of a preposition; a subjunctive asks; what is lifted
    (
        "Norway on Friday called on Iran to leave.",
        "called on",
        "REQUEST",
        {"actor": {"Norway"}, "recipient": {"Iran"}, "time": {"Friday"}},
    ),
    ("Iran insists that Norway leave.", "insists", "REQUEST", {"actor": {"Iran"}, "recipient": {"Norway"}}),
    ("Norway does not recognise Kosovo.", "not recognise", "REJECT", {"actor": {"Norway"}, "recipient": {"Kosovo"}}),
    ("North Korea test-fired a missile.", "test-fired", "MOBILIZE", {"actor": {"North Korea"}}),
    ("Norway eased its ban on Russian fish.", "eased", "RETREAT", {"actor": {"Norway"}, "recipient": {"Russian"}}),
    # own forces are nobody to whom something is done
    ("Rwanda withdrew its troops from Goma.", "withdrew", "RETREAT", {"actor": {"Rwanda"}, "place": {"Goma"}}),
    # drills alone and with others; what is taken, and who is
    ("China held live-fire drills.", "held live-fire drills", "MOBILIZE", {"actor": {"China"}}),
    ("Russia and China held joint drills.", "held joint drills", "COOPERATE", {"actor": {"Russia", "China"}}),
    ("The rebels captured Goma.", "captured", "ASSAULT", {"actor": {"rebels"}, "place": {"Goma"}}),
    ("Israel shot down a drone.", "shot down", "ASSAULT", {"actor": {"Israel"}}),
    # a word that the tagger took for a noun, though it has an object; a word before the noun that belongs to the trigger
    ("Norway rejects demand for talks", "rejects", "REJECT", {"actor": {"Norway"}}),
    ("The mayor was moved to house arrest.", "house arrest", "COERCE", {"recipient": {"mayor"}}),
    # a general noun takes up what was told; a noun means what the same word meant before
    ("Kenya faces sanctions.", "sanctions", "SANCTION", {"recipient": {"Kenya"}}),
    (
        "Police arrested two men. Norway praised the operation.",
        "operation",
        "COERCE",
        {"actor": {"Police"}, "recipient": {"two men"}},
    ),
    ("Norway met Chile after a police raid. It praised the raid.", "raid", "COERCE", {}),
    ("Nurses will go on strike. The ministry criticised the strike.", "strike", "PROTEST", {"actor": {"Nurses"}}),
    # a participle that shares an auxiliary is passive, too
    ("Two soldiers were arrested and later released.", "released", "RETREAT", {"recipient": {"Two soldiers"}}),
    (
        "Anna Holm quit the party on Monday.",
        "quit",
        "RETREAT",
        {"actor": {"Anna Holm"}, "recipient": {"party"}, "time": {"Monday"}},
    ),
    # a noun that only says of what kind another is has what the other has
    (
        "Chad launched a mediation effort on Saturday between Norway and Kenya.",
        "mediation",
        "CONSULT",
        {"actor": {"Chad", "Norway", "Kenya"}, "time": {"Saturday"}},
    ),
    # who gets what a noun names, or asks for it
    (
        "Norway drew criticism from aid groups.",
        "criticism",
        "ACCUSE",
        {"actor": {"aid groups"}, "recipient": {"Norway"}},
    ),
    ("Chad asked for help from Norway.", "help", "AID", {"actor": {"Norway"}, "recipient": {"Chad"}}),
    ("Chad sought the assistance of Norway.", "sought", "REQUEST", {"actor": {"Chad"}, "recipient": {"Norway"}}),
    # "she" stands for no husband
    (
        "Anna Holm sold the house with her husband. On Monday she was arrested by the police.",
        "arrested",
        "COERCE",
        {"actor": {"police"}, "recipient": {"Anna Holm"}, "time": {"Monday"}},
    ),
    # troops that somebody sends fill no role
    ("Chad agreed to send 400 troops to Mali.", "agreed", "AGREE", {"actor": {"Chad"}}),
    ("Norway persuaded Kenya to wait.", "persuaded", "REQUEST", {"actor": {"Norway"}, "recipient": {"Kenya"}}),
    ("Italy would not allow the ship to enter its port.", "not allow", "REJECT", {"actor": {"Italy"}}),
    ("It was a bombardment and ground invasion of Oslo.", "invasion", "ASSAULT", {"place": {"Oslo"}}),
    # a pronoun goes back to the nearest that fits
    (
        "Anna Holm arrived in Chile. She accused Peru of spying.",
        "accused",
        "ACCUSE",
        {"actor": {"Anna Holm"}, "recipient": {"Peru"}},
    ),
]


@pytest.mark.parametrize(("text", "trigger", "label", "roles"), CASES, ids=[case[0][:40] for case in CASES])
def test_the_event_with_its_roles(
    suggest: Suggest, text: str, trigger: str, label: str, roles: dict[str, set[str]]
) -> None:
    found = frame(suggest(text), "events", trigger)
    assert (found[0], found[1]) == (label, roles)


@pytest.mark.parametrize(
    ("text", "trigger", "modality"),
    [
        ("Norway expelled the envoy.", "expelled", None),
        ("Norway will expel the envoy.", "expel", "future"),
        ("Norway did not expel the envoy.", "expel", "negated"),
        ("Norway could expel the envoy.", "expel", "hypothetical"),
        ("If Norway expels the envoy, ties end.", "expels", "hypothetical"),
        ("Norway expelled the envoy in 2014.", "expelled", "historical"),
        ("Norway refused to expel the envoy.", "expel", "negated"),
        ("Norway promised to expel the envoy.", "expel", "future"),
        ("Chile urged Norway to expel the envoy.", "expel", "hypothetical"),
        ("Norway denied expelling the envoy.", "expelling", "negated"),
        ("Norway never denied expelling the envoy.", "expelling", None),
        ("Norway did not rule out expelling the envoy.", "expelling", "hypothetical"),
        ("No country expelled the envoy.", "expelled", "negated"),
        ("Will Norway expel the envoy?", "expel", "hypothetical"),
        ("Norway would expel the envoy if Chile agreed.", "expel", "hypothetical"),
        ("Norway offered to expel the envoy.", "expel", "hypothetical"),
        ("Norway invited Chile to expel the envoy.", "expel", "hypothetical"),
        ("Norway ruled out any sanctions.", "sanctions", "negated"),
        ("Norway rejected the sanctions.", "sanctions", None),
        ("Norway has jailed the envoy since 2014.", "jailed", None),
        ("Norway vetoed a text demanding a truce.", "demanding", None),
        ("Norway would not accept the plan.", "not accept", None),
        ("There are no plans for Norway to meet Chile.", "meet", "negated"),
        ("A further meeting is not necessary.", "meeting", "negated"),
        # what an event makes of another depends on what becomes of it; a verb of ending says nothing of what ends
        ("Chile urged Norway to accept a truce.", "truce", "hypothetical"),
        ("Norway called for an end to the shelling of Oslo.", "shelling", None),
        ("Norway will not end the fighting.", "fighting", None),
        ("Norway cancelled Monday's talks with Chile.", "talks", "negated"),
        ("Norway rejected a request to free the envoy.", "free", "negated"),
        ("Norway ruled out sending troops to Chile.", "sending", "negated"),
        ("Norway had no intention of jailing the envoy.", "jailing", "negated"),
        ("Norway is weighing an offer from Chile.", "offer", None),
        ("The Kremlin called the amnesty a joke.", "amnesty", None),
        # what is feared or judged, a condition without a word for it, and what would be so only then
        ("There are fears that Norway would expel the envoy.", "expel", "hypothetical"),
        ("It would be madness to expel the envoy.", "expel", "hypothetical"),
        ("Should the envoy not be freed, ties end.", "freed", "hypothetical"),
        ("Norway would only negotiate with Chile in Lima.", "negotiate", "hypothetical"),
        # what is asked for by a noun that stands further off, a list of infinitives, and what is only the ground
        ("Norway faced calls on Friday to free the envoy.", "free", "hypothetical"),
        ("Chile urged Norway to stop the war, free the envoy and apologise.", "free", "hypothetical"),
        ("Norway summoned the envoy over the attack.", "attack", None),
        ("A judge approved an unusual request to free him.", "request", None),
        ("Norway hopes that Chile frees the envoy.", "frees", "hypothetical"),
        ("The violence in 2014 killed the envoy.", "killed", "historical"),
        ("Norway is going to free the envoy.", "free", "future"),
        ("Norway denied the accusations by Chile.", "accusations", None),
        ("If Norway fails to free the envoy, ties end.", "free", "hypothetical"),
        ("It is impossible to expel the envoy.", "expel", "negated"),
        ("Norway is not likely to expel the envoy.", "expel", "negated"),
        # dates to come, and dates long ago
        ("Nato ambassadors meet tomorrow.", "meet", "future"),
        ("Talks with Chile, scheduled for Monday, are in Oslo.", "Talks", "future"),
        ("Norway jailed the envoy last year.", "jailed", "historical"),
        ("Norway jailed the envoy last week.", "jailed", None),
    ],
)
def test_modality(suggest: Suggest, text: str, trigger: str, modality: str | None) -> None:
    assert frame(suggest(text), "events", trigger)[2].get("modality") == modality


@pytest.mark.parametrize(
    "text",
    [
        "The minister said the budget grew.",
        "She told reporters that the vote was close.",
        "The truce plan was read.",
        "The paper reported the vote.",
        "She walked in order to save time.",
        "The plant met its targets.",
        "The figures demonstrate progress.",
        "The release said the bridge was old.",
        "The group poses a serious threat to security.",
        "The minister spoke to reporters.",
        "The banker pleaded guilty.",
        "The charity Lifeline was there.",
        "The presence of assets threatens our interests.",
        "She got a job in exchange for her silence.",
        "Norway denied the report.",
    ],
)
def test_what_is_no_event_is_not_suggested(suggest: Suggest, text: str) -> None:
    assert suggest(text).layers["events"] == ()


def test_a_dateline_is_nobodys_subject(suggest: Suggest) -> None:
    found = suggest("Fighting goes on\n\nBAMAKO, March 3 (Agency) — Gunmen attacked Kidal on Sunday.")
    assert frame(found, "events", "attacked")[1] == {
        "actor": {"Gunmen"},
        "time": {"Sunday"},
        "place": {"Kidal"},
    }


@pytest.mark.parametrize(
    "text",
    [
        "The storm killed 12 people.",
        "Five people were killed in a bus crash.",
        "Landslides destroyed the road.",
        "There was a gas explosion in the hotel.",
        "The ship sank in a storm.",
        "Anna Holm was defeated in the district by 300 votes.",
        "It was an uphill battle for the party.",
    ],
)
def test_what_nobody_does_is_no_event(suggest: Suggest, text: str) -> None:
    assert suggest(text).layers["events"] == ()


@pytest.mark.parametrize(
    ("text", "trigger", "label"),
    [
        ("A judge fined the company two million dollars.", "fined", "COERCE"),
        # a noun by its infinitive; one that the tagger takes for a verb or a name where a sentence begins with it
        ("The failure to renew the pact alarmed Oslo.", "failure", "REJECT"),
        ("Aid to Gaza was cut off.", "Aid", "AID"),
        ("Airstrikes destroyed the bridge.", "Airstrikes", "ASSAULT"),
        # what is done, where the same noun names a body elsewhere
        ("The opposition to the plan came from Norway.", "opposition", "REJECT"),
        # what else stands beside a noun that names several things
        ("A vast campaign against the rebels began.", "campaign", "ASSAULT"),
        ("Norway had contact with the kidnappers.", "contact", "CONSULT"),
        ("His trial for treason began.", "trial", "ACCUSE"),
        ("US withdrawal from the WHO takes effect in May.", "withdrawal", "SANCTION"),
        ("The court cleared Anna Holm of all charges.", "cleared", "CONCEDE"),
        ("A lawmaker was disqualified.", "disqualified", "COERCE"),
        ("The navy turned away boats of migrants.", "turned away", "COERCE"),
        ("Anna Holm will not contest the seat.", "not contest", "RETREAT"),
        ("India and Pakistan stopped shelling each other.", "stopped", "RETREAT"),
        ("Russia and India held naval exercises.", "held naval exercises", "COOPERATE"),
        ("Chad has barred the envoy from visiting.", "barred", "REJECT"),
        ("Syria has delayed the pullout of its troops.", "delayed", "REJECT"),
        ("The rebels have handed their weapons to monitors.", "handed", "RETREAT"),
        ("Doctors treated 40 people.", "treated", "AID"),
    ],
)
def test_the_category_of_words_of_courts_borders_and_armies(
    suggest: Suggest, text: str, trigger: str, label: str
) -> None:
    assert frame(suggest(text), "events", trigger)[0] == label
