"""What cleaning cuts by what a line does (offers, asks, points elsewhere), and news about the same things, which stays.

The lines are the project's own, written by kinds and not after pages that exist.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.articles import cleaning
from workbench.articles.cues import cues
from workbench.core.article import apply_cuts

BEFORE = "The two delegations met in Vienna on Tuesday and parted without a deal, officials said."
AFTER = "A third round is planned for next month, the mediator told reporters."

# Advice and appeals that send readers to somebody else: doctors, councils, helplines, inquiries; companies' statements.
ELSEWHERE = [
    "Follow the advice of your doctors.",
    "Share your story with the inquiry, and it will be read by the judge.",
    "Sign up for text alerts from the council at 0300 555 0199.",
    "Send a text message with your postcode to 61600 for updates.",
    "Contact us with any information, day or night, on 101.",
    "Visit the Northern Rail website or follow @northernrail for updates.",
    "Register on the ministry's website, and you will get a text message with a code.",
    "We expect to hire 300 people by 2027, and our members will receive a discount of 20% at our shop.",
    "The Trackline app costs £8.99 a month; you get the best maps.",
]

# News and headlines about giving, joining, papers, subscriptions, newsletters, cookies, apps, reporters, comments.
NEWS = [
    "Give blood, hospitals in Lagos ask",
    "Donate blood and save a life",
    "Support our troops with letters, schools urge",
    "Get your passport renewed before June",
    "Get your children out of the city, mayor tells parents",
    "Join our ranks, the militia's leaflet read",
    "Join us or leave, coalition warns its rebels",
    "Send us weapons, not words",
    "Send us your sons",
    "Watch your children closely, doctors advise",
    "Check your taps: city warns of lead",
    "Check your mailbox: ballots arrive on Monday",
    "Keep your money at home, minister advises",
    "Keep our streets clean",
    "Read our lips: no new taxes",
    "Read the treaty before you sign it",
    "Share your data or pay, Rome tells platforms",
    "Share your bread, priest tells the rich",
    "Save your water",
    "Save 40 percent of your wages, ministry tells the young",
    "Find the money elsewhere",
    "Find your own way home, airline tells stranded pupils",
    "Follow the army's orders, residents of Goma are told",
    "Follow us into the streets, opposition tells voters",
    "Start your engines: rally returns to Dakar",
    "Start the talks without us, Hanoi tells Manila",
    "Download of the files took nine hours",
    "Sign up for the draft, men aged 18 to 25 are told",
    "Sign up online to vote by Friday",
    "Subscribe or starve: how farmers pay for seed",
    "Subscribers lost power for six hours",
    "Register your business before May",
    "Register here, leave there: the exiles of Tbilisi",
    "Log in to the census and be counted",
    "Click bait for a coup",
    "Newsletter editor jailed in Minsk",
    "A newsletter for soldiers' mothers was banned in Omsk.",
    "The newsletter reaches 30,000 inboxes every morning.",
    "Newsletters replace newspapers in the provinces",
    "Every morning her newsletter lists the names of the dead.",
    "The paper sends its readers a newsletter every week.",
    "You can read his newsletter in most ministries.",
    "Our newsletter is our weapon, the exile wrote.",
    "The subscription costs $5 a month and buys protection from raids.",
    "A subscription to the gas network costs households €12 a month.",
    "Free access to the archive ends in June.",
    "Full access to Crimea remains closed",
    "Full digital access for courts by 2027",
    "Unlimited detention is unlawful",
    "Exclusive access to the port went to a Chinese firm.",
    "The free trial of the journalists ended in an uproar.",
    "Your trial starts today",
    "Your account is frozen: how banks drop exiles",
    "Your app is watching you",
    "Your browser history for sale",
    "Your inbox is a battlefield",
    "Your donation bought this drone",
    "Your support kept us alive in the siege, she wrote.",
    "Your newsletter is propaganda, the censor wrote to the editor.",
    "We need more reporters, the army's spokesman joked.",
    "We have more news for you, the general promised, and it will be bad.",
    "We want news, families cry",
    "We value your support, the premier told the militia.",
    "We rely on your donations, the rebel leader told exiles in Paris.",
    "Our journalists are not for sale, the owner told parliament.",
    "Our website was attacked from abroad, the ministry claims.",
    "This website is blocked in Iran",
    "This page of the treaty is missing.",
    "This story has no heroes",
    "This story is not over",
    "This article is dead, the negotiator said of Article 5.",
    "This newsletter cost its author four years in prison.",
    "This video shows the moment of the blast.",
    "This podcast brought down a minister",
    "The podcast was recorded in a cell.",
    "Podcasts on the war draw millions",
    "Cookies without consent are illegal, the court ruled.",
    "Cookie law takes effect in May",
    "Necessary cookies need no consent under the new law.",
    "Accept cookies or pay: watchdog looks at publishers",
    "Ad blockers are used by a third of readers in Poland.",
    "Turn off ad blockers or pay, publishers tell readers",
    "Blocked by an ad: how a banner froze the ministry",
    "Advertisers pay for the channel, its owners say.",
    "Advertising pays for half of the press",
    "All rights are reserved to the state under the new law.",
    "All rights reserved for men: inside the village council",
    "Copyright reform divides Strasbourg",
    "Copyright holders sue the broadcaster",
    "Comments are closed at the ministry",
    "Comments that insult the king are punished with prison.",
    "Comments on the leak will be published on Friday.",
    "No comments were made after the meeting.",
    "No replies came from Ankara.",
    "Please keep calm, the mayor of Odesa asks",
    "Please come home",
    "Stay civil, speaker asks the chamber",
    "Be the first to leave, not the last",
    "Have you seen these men?",
    "Have a drink, said the envoy",
    "Got milk? Not in Caracas",
    "Want peace? Prepare for talks",
    "Want to leave Gaza? Pay $5,000",
    "Want a visa? Post your profile",
    "Like it or not, the wall stays",
    "Like what you see? Moscow courts the south",
    "Thank you for coming, the president told the miners.",
    "Thank you for your service, and goodbye",
    "For more than a decade the two sides have met in secret.",
    "For more, the state must borrow.",
    "For the latest offensive the army called up 30,000 men.",
    "For full membership Skopje must change its laws.",
    "Coming soon: a second front",
    "Coming up: the week that decides",
    "Looking for survivors in Derna",
    "Looking for a way out",
    "More Syrian exiles return home",
    "More news of the missing came on Friday.",
    "More from less: how Kigali feeds its poor",
    "Visit of the pope ends in Mosul",
    "Visit us, Pyongyang tells tourists",
    "Contact us with proof, the court told the families.",
    "Contact with readers is forbidden to the jailed editor.",
    "Reach us by radio, the besieged wrote.",
    "Call your mother",
    "Call for votes: three tell of their arrest",
    "Tell your story, judge urges witness",
    "Tell us about the money, deputies ask the bank",
    "Vote now, think later",
    "Vote here",
    "Buy now, fight later: how Warsaw rearms",
    "Shop closures hit the capital",
    "Book now, fly never",
    "Enter your name and number, the form at the border said.",
    "Try again later, consulates tell the desperate",
    "Something went wrong on the way to Geneva",
    "Success eludes the coalition",
    "Congratulations poured in from Ankara.",
    "Invalid ballots decide the vote",
    "Invalid passwords kept the auditors out",
    "Your request was denied, the letter said.",
    "Check your inbox: phishing hits ministries",
    "Data provided by the ministry show a fall of 3 percent.",
    "Prices displayed in shops are fixed by decree.",
    "Quotes for grain were delayed by the strike.",
    "Registered in Panama, the tanker has changed flags three times.",
    "Company no longer pays its miners",
    "Use of cluster bombs is prohibited by the treaty.",
    "Restrictions apply to men under 60.",
    "Terms of surrender",
    "Licensing rights dispute stalls the film",
    "Permission and refusal",
    "Privacy rights",
    "Privacy policy of the bank led to fines",
    "About the author of the coup little is known.",
    "Meet the new prime minister",
    "Credit: how banks choose",
    "Credit Suisse: the fall",
    "Video from Kyiv shows the damage.",
    "Images from space show new trenches",
    "Photo opportunity in Beijing",
    "Pictures of Putin were burned.",
    "Picture by picture: the end of a bridge",
    "Reuters: two reporters held in Minsk",
    "Getty, 84, oil heir, dies",
    "Problems with the vaccine delay the start",
    "Trouble with the neighbours",
    "Trouble watching over the ceasefire, monitors say",
    "Play on: league resumes in Ukraine",
    "Playing for time",
    "Now playing: the old game of borders",
    "Up next: Moldova",
    "Coming home",
    "Top story of the year: rice",
    "Filed under seal, the motion names four officers.",
    "Follow-up",
    "Post for ex-minister",
    "Editor's arrest: what we know",
    "Editors pick a fight with the palace",
    "Author of the report jailed",
    "Reporter for state TV quits on air",
    "A reporter covering the trial was arrested on Monday.",
    "Anna Kim is a reporter who was jailed for nine months.",
    "Anna Kim is a correspondent in Minsk, where she was held in May.",
    "Jan Kos, a columnist for the paper, was fined.",
    "She is a reporter for the paper and was freed on Friday.",
    "He covers the court for the agency and was at the scene.",
    "She can be reached only through her lawyer.",
    "He can be contacted by nobody but his guards.",
    "Follow her, the officers were told.",
    "Find him, the president ordered.",
    "Victims may receive compensation if they register.",
    "The agent may earn a commission on every ship.",
    "Readers pay for the paper; the state pays for its rivals.",
    "The station is funded by listeners and by the city.",
    "Funded by readers, the site outlived two regimes.",
    "Members fund the party, the treasurer says.",
    "Every donation was listed in the file.",
    "A donation of €2 million reached the party in March.",
    "Small donations keep the rebels in boots",
    "Membership has its price: Skopje pays again",
    "Early access to the pension ends",
    "Instant access to guns",
    "Poll: most want early elections",
    "Live coverage of the trial is banned.",
    "Live updates from the front are censored.",
    "The live blog of the court was blocked.",
    "That's all, said the judge.",
    "That's it for the coalition",
    "We correct errors, the statistics office said.",
    "Corrections and clarifications in the treaty took a year.",
    "Report an error and lose your job",
    "An error in the ballot",
    "Do you want to receive refugees? Villagers vote",
    "Would you like to be king? The islands ask",
    "You can change your vote until Friday, the commission says.",
    "You can turn it off: the case of the silent radar",
    "The app sends alerts to drivers every day.",
    "The app store removed the opposition's app.",
    "Apple removes news apps in China",
    "A weekly column on the war",
    "Weekly talks, daily fire",
    "Daily life in the siege",
    "The best and latest: arms fair opens in Dubai",
    "Free news for prisoners",
    "Free press, closed borders",
    "Breaking: parliament dissolved",
    "Breaking news is broken",
    "Watch live as the trial opens",
    "See how they voted",
    "See the damage in Mariupol from above",
    "Read how the treaty failed",
    "Listen to the generals, deputy asks",
    "Explore the ruins",
    "Discover who pays",
    "Choose your side, Jakarta is told",
    "Manage the flood or move the town",
    "Create jobs or lose the young",
    "Add salt: how Dhaka drinks",
    "View from the bridge",
    "Enjoy the silence",
    "This is a developing country's first satellite.",
    "This is a breaking point for the coalition",
    "The video above the altar shows the saint.",
    "The photos below the fold were faked.",
    "Watch the king speak",
    "See the full list of the dead",
    "Stay tuned, the general told the cameras.",
    "Stay with us, the mothers begged the envoys.",
    "Stay ahead of the flood: how Dhaka plans",
    "Stay informed, stay alive: radio in the siege",
    "Welcome to the front",
    "Welcome to our village, the sign said, and behind it lay rubble.",
    "Good morning, Vietnam: how a war made radio",
    "Previously held by rebels, the town is empty.",
    "Full story of the raid is told in court",
    "Meduza is a news site that Moscow has outlawed.",
    "The Courier is an independent newspaper that prints in exile.",
    "The author of this law is in jail.",
    "The writer of this letter was shot in May.",
    "More details to come in court on Friday, prosecutors say.",
    "The report will be updated every year, the agency said.",
    "If you have a weapon, call the police, residents were told.",
    "If you know the way, you can cross at night.",
    "Confidential tips led to the arrest.",
    "Tips? None, say waiters in Tunis",
    "Advertising inquiries swamp the ministry",
    "Reuters is a news agency that the ministry distrusts.",
    "Go to Geneva, not to war",
    "Visit to Moscow.com office ends in arrest",
    "More at stake than gas",
]

# A line of each kind that pages carry.
BOILERPLATE = [
    "The Harbour Brief: the five stories you need before breakfast, in your inbox at six.",
    "One e-mail a day, no noise. Join 12,000 readers.",
    "Want the news before it breaks? Our Monday letter goes out at seven.",
    "Our editors pick the week's best reporting. Every Sunday, free.",
    "Get the Border Letter by e-mail",
    "Receive our weekly digest of news from the strait",
    "No spam, unsubscribe whenever you like.",
    "We'll never share your address with anyone.",
    "Please confirm your subscription in the e-mail we have just sent you.",
    "Thanks! You're on the list.",
    "You've hit the limit of articles you can read without an account.",
    "Sign in to read the rest, it takes ten seconds.",
    "Digital subscribers get every story, every day.",
    "A subscription costs less than a coffee a week.",
    "Try the Courier free for thirty days",
    "Students pay half: see our offers",
    "Subscribers can leave comments and save articles.",
    "Your free articles for this month are used up.",
    "Log in or sign up, it's free",
    "Have an account already? Log in here.",
    "Reset your password",
    "We've noticed that your browser blocks advertisements.",
    "Advertisements pay for the reporting that you read here.",
    "Please allow advertisements on heraldpost.example and reload.",
    "The Courier belongs to its readers. Become one of them.",
    "Reporting like this takes months and costs money. Help us do more of it.",
    "We have no shareholders and no party behind us, only you.",
    "If our reporting matters to you, help pay for it.",
    "Five euros pays for an hour of a reporter's time.",
    "Give what you can, every month or just once.",
    "Your gift is tax-deductible.",
    "Thank you to the 3,400 members who made this reporting possible.",
    "Support the people who bring you this news",
    "Take the Courier with you: download the app",
    "Get breaking news on your phone with our free app",
    "Allow notifications so that you don't miss breaking news.",
    "Turn on alerts for this story",
    "You might have missed",
    "More stories from the region",
    "What our readers are reading",
    "Keep reading: how the treaty was signed",
    "Next story: a river runs dry",
    "From our archive: the last flood",
    "READ NEXT Five questions about the dam",
    "Read our full coverage of the elections here.",
    "For more on this story, listen to our podcast.",
    "Photograph: Anna Reyl/Courier",
    "Photo by Tomas Brandt / Reuters",
    "Anna Reyl | AFP via Getty Images",
    "Picture: Ministry of Defence/handout",
    "File picture. Source: AFP",
    "Comments (0)",
    "What's your opinion? Write a comment",
    "Comments are open for 24 hours after publication.",
    "Our moderators read every comment before it goes online.",
    "Show comments",
    "Report this comment",
    "Share this story with a friend",
    "Copy link · E-mail · WhatsApp · Print",
    "Send by e-mail",
    "Was this story worth your time? Yes No",
    "Rate this article",
    "We and our 812 partners store and read data on your device.",
    "You can withdraw your consent at any time in the settings.",
    "We use cookies and similar tools so that this site works.",
    "Only necessary cookies",
    "Save my choices",
    "© 2026 Herald Media Group",
    "All rights reserved. No part of this article may be copied without written permission.",
    "Terms of use | Privacy | Imprint | Contact",
    "A member of the Northern Press Group",
    "Anna Reyl covers courts and crime for the Herald. Write to her at a.reyl@herald.example.",
    "Ilse Kahn reports on energy. Follow her @ilsekahn.",
    "About the writer: Mara Holt has covered the border since 2011.",
    "Found a mistake? Tell us: corrections@herald.example",
    "We correct our mistakes. Read how.",
    "See something wrong in this article? Let us know.",
    "Our corrections policy",
    "Know something we don't? Reach our reporters on Signal.",
    "Do you work at the port? Talk to us in confidence.",
    "Send us documents safely",
    "Got a story? Call our newsdesk.",
    "This article first ran in the Northern Review and appears here with permission.",
    "This story was produced in partnership with the Dockside Reporting Fund.",
    "This article may be republished under a Creative Commons licence.",
    "Republish this article for free",
    "Advertisement, scroll for more",
    "Paid for by the Port Authority",
    "Content by our partner",
    "The article goes on below the advertisement",
    "Why am I seeing this advertisement?",
    "This video can't be played.",
    "Play video, 2 minutes 14 seconds",
    "Video: 1:32",
    "Up next in 5 seconds",
    "Turn the sound on",
    "Listen to this story, 7 minutes",
    "Audio produced by our newsroom's synthetic voice",
    "Take our quiz of the week",
    "See the results of the poll",
    "Key moments",
    "Live: this page updates by itself",
    "New updates: 3",
    "Show older posts",
    "We're ending our live coverage for today.",
    "That's all from us tonight, thank you for following.",
    "Our reporters are following the vote through the night.",
    "14 readers are following this story",
    "Most read in World",
    "Trending in Politics",
    "Topics: Ports, Trade, Strait",
    "Text size A A A",
    "Reading time: 4 minutes",
    "Updated 14 minutes ago",
    "Back to the front page",
    "Go to the home page",
    "Read today's front page",
    "Order back issues",
    "Write for us",
    "Letters to the editor: letters@herald.example",
    "Sponsored by Harbour Bank",
    "In partnership with Harbour Bank",
    "The Harbour Brief comes out every weekday.",
    "Sign up and be first to hear",
    "Join our WhatsApp group for local news",
    "Follow the Herald on Instagram and Bluesky",
    "Subscribe to our channel and hit the bell",
    "Scan this code to read on your phone",
]


def text_of(raw: str) -> str:
    text, cuts = cleaning.clean(raw)
    assert apply_cuts(raw, cuts) == text
    return text


@pytest.mark.parametrize("line", NEWS)
def test_news_about_what_pages_offer_stays(line: str) -> None:
    for raw in (
        f"{BEFORE}\n\n{line}\n\n{AFTER}\n",
        f"{line}\n\n{BEFORE}\n\n{AFTER}\n",
        f"{BEFORE}\n\n{AFTER}\n\n{line}\n",
    ):
        assert text_of(raw) == raw


@pytest.mark.parametrize("line", NEWS)
def test_it_stays_beside_boilerplate(line: str) -> None:
    for box in ("Advertisement", "Read more", "Sign up for our newsletter", "Support independent journalism"):
        kept = text_of(f"{BEFORE}\n{box}\n{line}\n{box}\n{AFTER}\n").split("\n")
        assert line in kept, box
        assert BEFORE in kept
        assert AFTER in kept
        assert box not in kept


@pytest.mark.parametrize("line", BOILERPLATE)
def test_a_line_of_each_kind_goes(line: str) -> None:
    assert text_of(f"{BEFORE}\n\n{line}\n\n{AFTER}\n") == f"{BEFORE}\n\n{AFTER}\n"
    assert text_of(f"{line}\n\nTalks fail in Vienna\n\n{BEFORE}\n\n{line}\n") == f"Talks fail in Vienna\n\n{BEFORE}\n"


@pytest.mark.parametrize(
    ("sentence", "points"),
    [
        ("Get the harbour's news in your inbox every morning.", 4),
        ("Our reporters' best stories, in a newsletter.", 4),
        ("You can hear the podcast.", 2),
        ("Get the harbour's grain.", None),
        ("The newsletter is read in every port.", None),
        ("Get the harbour's news in your inbox every morning, he said.", None),
        ("Our newsletter was banned in March.", None),
    ],
)
def test_it_takes_several_traits(sentence: str, points: int | None) -> None:
    sign = cues().speech(sentence)
    assert (sign and sign.points) == points


BIO = "Anna Reyl is a reporter covering ports and trade for the Herald, based in Vienna."


def test_a_line_about_the_author_goes_from_the_end_only() -> None:
    assert text_of(f"{BEFORE}\n\n{AFTER}\n\n{BIO}\n") == f"{BEFORE}\n\n{AFTER}\n"
    for raw in (f"{BEFORE}\n\n{BIO}\n\n{AFTER}\n", f"{BIO}\n\n{BEFORE}\n\n{AFTER}\n"):
        assert text_of(raw) == raw


def test_a_line_about_the_author_goes_with_where_to_reach_her() -> None:
    line = f"{BIO} Reach her at a.reyl@herald.example."
    assert text_of(f"{BEFORE}\n\n{line}\n\n{AFTER}\n") == f"{BEFORE}\n\n{AFTER}\n"


def test_an_article_about_a_reporter_keeps_who_she_is() -> None:
    raw = f"Police in Vienna have held the reporter Anna Reyl since Monday, her paper said in a statement.\n\n{AFTER}\n\n{BIO}\n"
    assert text_of(raw) == raw


@pytest.mark.parametrize("line", ELSEWHERE)
def test_calls_to_go_to_somebody_else_stay(line: str) -> None:
    raw = f"{BEFORE}\n\n{line}\n\n{AFTER}\n"
    assert text_of(raw) == raw


SPOKEN = "You can watch the footage on our website."


def test_turns_of_a_transcript_stay() -> None:
    assert text_of(f"{BEFORE}\n\n{SPOKEN}\n\n{AFTER}\n") == f"{BEFORE}\n\n{AFTER}\n"
    raw = f"{BEFORE}\n\nHOST: Tell us what you saw.\n\nMs Marin: We saw tanks. {SPOKEN}\n\nHOST: Thank you.\n\nMs Marin: {SPOKEN}\n"
    assert text_of(raw) == raw


def test_buttons_before_a_colon_are_no_speakers() -> None:
    calls = "READ MORE: Talks fail in Vienna\n\nSIGN UP: Get our free newsletter every morning"
    assert text_of(f"{BEFORE}\n\n{calls}\n\n{AFTER}\n\n{calls}\n") == f"{BEFORE}\n\n{AFTER}\n"


def test_answers_to_questions_stay() -> None:
    answers = ["Talk to us. Our door is open, and you can email me any time.", "We do.", SPOKEN]
    questions = ["Do you have a message for your opponents?", "Would you run again?", "What became of the film?"]
    raw = "\n\n".join(line for pair in zip(questions, answers, strict=True) for line in pair) + f"\n\n{AFTER}\n"
    assert text_of(raw) == raw


def test_few_questions_are_no_interview() -> None:
    assert SPOKEN not in text_of(f"{BEFORE}\n\nWhat became of the film?\n\n{SPOKEN}\n\n{AFTER}\n")


FOOT = [
    "Sign up for our newsletter",
    "The strait in maps",
    "Comments (12)",
    "Harbour Talk",
    "Back to top",
]


def test_the_foot_of_a_page_goes_with_lines_that_no_cue_knows() -> None:
    foot = "\n\n".join(FOOT)
    assert text_of(f"{BEFORE}\n\n{AFTER}\n\n{foot}\n") == f"{BEFORE}\n\n{AFTER}\n"


@pytest.mark.parametrize(
    "line",
    [
        "By Anna Reyl in Vienna",
        "Reporting by Anna Reyl; editing by Tomas Brandt",
        "Mara Holt contributed to this report",
        "12 May 2026",
        "14:52",
        "Talks fell apart",
        "The river stays closed.",
        '"We will be back"',
    ],
)
def test_who_wrote_and_news_stay_at_the_foot_of_a_page(line: str) -> None:
    foot = "\n\n".join([*FOOT[:3], line, *FOOT[3:]])
    assert line in text_of(f"{BEFORE}\n\n{AFTER}\n\n{foot}\n").split("\n")


def test_few_lines_are_no_foot_of_a_page() -> None:
    raw = f"{BEFORE}\n\n{AFTER}\n\nSign up for our newsletter\n\nHarbour Talk\n\nComments (12)\n"
    assert text_of(raw) == f"{BEFORE}\n\n{AFTER}\n\nHarbour Talk\n"


def test_the_benchmark_counts_lines_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "lines.tsv"
    file.write_text(
        "newsletter\therald\tSign up for our newsletter\nnews\therald\tThe newsletter was banned in March.\n"
    )
    run = subprocess.run(
        [sys.executable, "benchmarks/boilerplate.py", str(file), "--missed"], capture_output=True, text=True, check=True
    )
    counted = [line.split() for line in run.stdout.splitlines()]
    assert ["newsletter", "1", "1", "1"] in counted
    assert ["all", "2", "1", "1"] in counted
    assert "stays: news\therald\tThe newsletter was banned in March." in run.stdout


def test_the_benchmark_names_a_line_that_has_not_three_fields(tmp_path: Path) -> None:
    file = tmp_path / "lines.tsv"
    file.write_text("newsletter\tSign up for our newsletter\n")
    run = subprocess.run([sys.executable, "benchmarks/boilerplate.py", str(file)], capture_output=True, text=True)
    assert run.returncode == 1
    assert f"{file}:1" in run.stderr
