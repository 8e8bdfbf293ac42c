"""What cleaning cuts, and above all what it leaves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles import cleaning
from workbench.core.article import apply_cuts, headline
from workbench.samples import shipped

BEFORE = "The two delegations met in Vienna on Tuesday and parted without a deal, officials said."
AFTER = "A third round is planned for next month, the mediator told reporters."

# Lines that look like boilerplate and are news. None may lose a character, wherever it stands.
NEWS = [
    "Reporting by Jane Doe; editing by John Roe",
    "Comments on this story by the minister were withdrawn.",
    "Updated lists of the missing were handed to the families on Tuesday.",
    "Reporting by Amnesty International shows that 40 people were held.",
    "With files from the ministry in hand, the judges adjourned until May.",
    "More from our side will follow, the general told reporters.",
    "Your gift keeps this government alive, the rebel leader told the emir.",
    "Sponsored by Iran, the militia crossed the river at night.",
    "Send your sons home, the governor told the fighters.",
    "Today's paper from the bank puts growth at 2 percent.",
    "Readers fund this party's paper, the treasurer said.",
    "Print and digital: see how the two parties divide the press",
    "Become a friend of the Kremlin for €4 billion, paper mocks",
    "We do not have a paywall, but a wall, the mayor of the border town said.",
    "Digital access for farmers was promised by the minister.",
    "Contact the author of the leak, prosecutors told the ministry.",
    "Vote in our country is a farce, opposition says",
    "Get alerts to people faster, inquiry tells weather service",
    "Stay connected with your families, consul tells students in Kesh",
    "The minister appealed for support.",
    "Sign up to the treaty, UN chief tells members",
    "Subscribers to the state gas firm will pay more from January.",
    "Subscribe to the convention or face sanctions, Brussels warns",
    "Sign up, army tells students",
    "Share prices fell in Frankfurt",
    "Shares of the arms maker rose 4 percent",
    "Save the Children said three of its staff were missing.",
    "Save our hospitals: doctors march in Lagos",
    "Follow-up talks are due in Geneva",
    "Follow the money: how sanctions are dodged in Dubai",
    "Join forces against piracy, Jakarta urges neighbours",
    "Donate blood, mayor pleads after blast",
    "Donations to the party came from abroad, prosecutors say",
    "Related party deals cost the bank €40 million",
    "Read more than one paper, president advises youths",
    "Support for the war is falling",
    "Support the troops or resign",
    "Support us or step aside, coalition tells premier",
    "Support independent media in exile, Prague urges EU",
    "Cookies and tea were served as the envoys waited.",
    "Google uses cookies to follow users across sites, the regulator found.",
    "The newsletter, which has 40,000 readers, was banned in March.",
    "He writes a newsletter on arms control from a flat in Riga.",
    "The weekly newsletter of the movement called for a strike.",
    "Her newsletter is delivered to inboxes in 30 countries every Friday.",
    "“Sign up for our newsletter,” the hacked page said.",
    '"Please support us. Every contribution counts," he told the crowd.',
    "“Subscribe to our channel!” shouted the blogger as police led him off.",
    "A message from the president was read out in the chamber.",
    "In an appeal to donors the agency asked for $40 million.",
    "Pensioners will get €300 a month.",
    "From $5 a barrel in 2020, the discount has shrunk to nothing.",
    "Only $3 million was left in the fund.",
    "For $2 a day they carry sacks across the frontier.",
    "The advertisement showed the minister asleep in parliament.",
    "Advertisement bans will hit broadcasters, the ministry admitted.",
    "Advertising revenue at the broadcaster halved",
    "Click fraud costs banks billions",
    "Click here, the fake message told pensioners, to keep your benefits.",
    "Enter your e-mail, the page said, and the money was gone.",
    "By signing the treaty you agree to inspections, she warned.",
    "By subscribing to the bond issue, Qatar became the largest creditor.",
    "The privacy policy of the ministry's app allows it to track protesters.",
    "Users agree to the terms before they see the price, the court noted.",
    "All rights reserved to the crown were abolished in 1975.",
    "Reproduction rates fell across the Balkans.",
    "Comments by the envoy angered Ankara",
    "Commenting on the raid, Minsk spoke of a provocation.",
    "Live fire was heard near the airport.",
    "Watch out for drones, villagers are told",
    "Listen, we have an understanding with Paris, the premier said.",
    "Home Affairs minister quits",
    "Contact with the crew was lost at 04:10.",
    "Contact US embassy, Americans in Niamey told",
    "Get out now, Germany tells citizens in Mali",
    "Get Brexit done",
    "Never miss a chance: the envoy who would not leave",
    "Don't miss the point, says Lagos",
    "Tell us the truth, families demand",
    "Tell us where they are",
    "Have you seen this man?",
    "Do you know who pays? Nobody in Chisinau does.",
    "Are you with us or against us? That was the question in Tbilisi.",
    "What you need to know about the ceasefire",
    "We need your help, the Ukrainian leader told the Senate.",
    "Dear friends, today we mourn.",
    "Once a month the ferry brings mail.",
    "Monthly talks will continue",
    "Continue the talks, Rome pleads",
    "The price",
    "A mother waits",
    "Who is helping?",
    "How it started",
    "A split in the ruling camp",
    "Zelensky says Putin 'lying'",
    "What happens next",
    "14:52",
    "By Lucía Ferreira in Bogotá",
    "From our correspondent in Tunis",
    "UPDATED October 2, 2024",
    "Published: May 19, 2025 08:12",
    "Top diplomats meet in Saudi Arabia on Feb. 18. Russian Foreign Ministry/TASS",
    "Photo released by the army shows the wreck of the drone.",
    "Picture of calm: Bamako on the morning after",
    "The paper has no owner and its staff have not been paid since May, said its editor.",
    "The foundation supports independent journalism in Georgia and Armenia.",
    "Supporters of independent journalism rallied in Budapest.",
    "Readers like her paid for the appeal.",
    "Independent journalism is dying in the region, a report by the council warns.",
    "Our journalists were beaten, the editor told the court, and our cameras smashed.",
    "More from the front is expected on Friday, the army said.",
    "More in hope than expectation",
    "Most read the ruling as a defeat for Warsaw.",
    "Recommended changes include a lower threshold, the commission said.",
    "Latest news from the front was grim, aides admitted.",
    "This story is familiar to anyone who has followed the Sahel.",
    "This article of the treaty obliges members to consult.",
    "Tips led police to the flat, the prosecutor said.",
    "Got a deal? Not yet, says Ankara.",
    "Join the debate on Nato, Stoltenberg urges Vienna",
    "Join the EU? Moldova votes",
    "Register your weapons or hand them in, Belgrade tells citizens",
    "Register of foreign agents grows",
    "Try again, judges tell Warsaw",
    "If you give them a finger they take the hand, he warned.",
    "If everyone gave way, nobody would be left to defend the town.",
    "Keep the gas flowing, Vienna begs Kyiv",
    "Keep independent Kosovo out, Serbs demand",
    "Every contribution to the fund is voluntary, but refusing is a crime, lawyers said.",
    "Scan the horizon: life aboard a patrol boat off Haiti",
    "The app, which you can download for free, tells on your neighbours.",
    "Download the app or lose your pension: how Minsk counts its people",
    "Editor: I was beaten",
    "The channel has 90,000 subscribers on Telegram.",
    "He announced it on his Telegram channel.",
    "Subscribers to our newsletter were hacked, the party said.",
    "A donation of $5 million makes a difference to the clinic.",
    "Consider supporting the plan, Rome tells deputies",
    "The post stayed vacant until a successor appeared on Friday.",
    "Make a gift of Crimea and there will be peace, he mused.",
    "The app uses reminders and the state reads them.",
    "If you have a passport, leave now, Berlin tells citizens",
    "Your trial has begun, the judge told him, and it will end today.",
    "Comments are free but facts are sacred, the editor used to say.",
    "Sign up to Schengen, Dublin is told",
    "More than two years old, the truce is fraying.",
    "***",
    # Like walls, registration and ad blockers, and like appeals.
    "Ad blockers cost publishers billions a year, a study found.",
    "Turn off your lights, the grid operator asks households",
    "Turn off ads for children, Brussels tells Meta",
    "Users who disable their ad blocker see twice as many ads.",
    "Ad blocking is legal, judges in Munich ruled",
    "Advertising helps parties reach young voters.",
    "Advertisers left the site after the raid.",
    "You must register your drone before May, the regulator says.",
    "You must register, Berlin tells migrants",
    "You need to have an account at the state bank to be paid.",
    "You are not logged in the census, villagers were told.",
    "Register to vote by Friday",
    "Register to receive aid, Gaza families told",
    "Sign in to the treaty the small states, Paris pleads",
    "Sign up to fight, Kyiv tells men abroad",
    "Log in, click, vote: how Estonia elects",
    "Subscribers can read the ruling on the court's site, the ministry said.",
    "Members can access the building from Monday.",
    "Members have full voting rights.",
    "To continue the talks, both sides must disarm.",
    "To continue, the ceasefire must be signed by both.",
    "To access the aid, register at the town hall by May.",
    "To read the full report takes a week.",
    "For full access to the site, inspectors waited nine days.",
    "The article is behind a paywall in Russia.",
    "This article was behind the arrest of its author.",
    "This report is free of errors, the ministry insists.",
    "This content is illegal in Germany.",
    "Your subscription pays for war, activists told shoppers.",
    "Your support for the regime will be remembered, she warned.",
    "Your donation, his letter said, built a school.",
    "Forgot your passport? Stay home, Riga tells tourists",
    "New to Oslo? Rents will shock you",
    "New to power, the coalition stumbles",
    "Not a member? Then no vote, says Nato",
    "No account of the raid was given.",
    "Support our troops",
    "Back our boys, Kane tells fans",
    "Support local journalism bill, senators urge",
    "Help us rebuild, Mosul pleads",
    "We need your help, the doctor wrote.",
    "We rely on readers of gas meters, the utility said.",
    "People like you are the problem, the mayor told him.",
    "If you like this government, you will love the next, he joked.",
    "If you value peace, vote, the bishop said.",
    "If you believe in this country, you will support our army, the president told recruits.",
    "Will you help us? the mothers asked.",
    "Can you help our sons? she cried.",
    "Could you live on €4 a day?",
    "Please consider a ceasefire, Guterres tells both",
    "Please consider making a donation to the Red Cross, the embassy said.",
    "Donate to the Red Cross, mayor pleads",
    "Give today, gone tomorrow: the aid that never came",
    "Before you go to war, count your shells, general says",
    "Join our army, Zelensky tells exiles",
    "Join a party, win a flat: how Minsk recruits",
    "Join thousands of marchers, unions urge",
    "Become a member or lose the subsidy, Brussels tells Tirana",
    "Become a citizen for €200,000",
    "Every dollar spent helps the regime, exiles argue.",
    "Every euro goes to the front, the minister said.",
    "We are a nation of shopkeepers.",
    "We are an independent country, he told the hall.",
    "Our readers elected a donkey in 1968.",
    "Enable cookies, the phishing mail said.",
    "Cookies must be disabled by default, the watchdog ruled.",
    "JavaScript is taught in half of the schools.",
    "Your browser is spying on you, researchers say",
    "This video is fake, the army says",
    "This video is no longer secret.",
    "The video is not available to the defence, its lawyer said.",
    "The page is turned, says Rome",
    "The map is not the territory.",
    "Unlock the frozen funds, Kyiv urges Brussels",
    "Unlock more aid or face famine",
    "Get full membership first, Paris tells Skopje",
    "Start your own party, he was told",
    "Read the full list of sanctions",
    "Continue with the strike, union tells drivers",
    "Continue without the US, Tokyo urges partners",
    "Renew your passport early, Dublin warns",
    "Cancel your subscription to the past, says Macron",
    "Access to this region requires a permit from the army.",
    "Access to the site requires membership of the union.",
    "The rest of the story is history.",
    "The rest of this article of the constitution is disputed.",
    "Exclusive: minister to quit",
    "Premium on gas doubles",
    "Locked in talks",
    "Members only: inside the club that runs Malta",
    "Free to all: Luxembourg scraps bus fares",
    "Remember me, says dictator's widow",
    "Want to read the treaty? Good luck.",
    "Want more babies? Build flats",
    "Save 20% on gas, Brussels tells members",
    "Special offer for Kim: talks without conditions",
    "You have reached the limit, judge tells Trump",
    "You have three free days a year, the law says.",
    "You've read the treaty; he has not.",
    "Whitelist of banks shrinks",
    "Allow ads for alcohol again, brewers urge",
    "Compare plans before you pay, regulator tells patients",
]

# A speech printed word for word. Beside an appeal for money nobody could tell it from the appeal.
SPEECH = [
    "We need your help. We need your support. You can end this war.",
    "Your support makes a difference to the women of Herat.",
    "Thank you for standing with us in these dark days.",
    "Please support us, as you supported those who came before us.",
]

BOILERPLATE = [
    "Updated 3 hours ago",
    "(AP Photo/Jane Doe)",
    "File photo: Reuters",
    "In case you missed it",
    "More from our Africa desk",
    "Contact the author: jane@example.org",
    "Enable notifications for breaking news",
    "Stay up to date with the latest news",
    "The week in one e-mail. Sign up free.",
    "You can opt out at any time",
    "Follow our WhatsApp channel for breaking news",
    "Available on the App Store and Google Play",
    "Send this article to a friend",
    "Comments are moderated",
    "You need an account to comment",
    "What do you think? Tell us below",
    "Know more about this story? Write to newsdesk@example.org",
    "Send your photos and videos to pics@example.org",
    "Republish our articles for free, online or in print",
    "Gift a subscription",
    "Print and digital: see our offers",
    "Today's paper",
    "Become a friend of the Courier from €4 a month",
    "Your gift keeps this news free for all",
    "This reporting was funded by readers",
    "Choose which cookies you allow",
    "We and our partners store information on your device",
    "Ad closes in 5 seconds",
    "Sponsored by Nilkraft",
    "Terms | Privacy | Contact",
    "Advertisement",
    "ADVERTISEMENT – CONTINUE READING BELOW",
    "Advertisement Continue reading the main story",
    "Story continues below advertisement",
    "Scroll to continue with content",
    "Sponsored content",
    "Sign up for our daily newsletter",
    "SIGN UP FOR OUR NEWSLETTER",
    "Sign up to the Border Letter, our Monday briefing, here.",
    "Subscribe to our Telegram channel",
    "Subscribe to the podcast on any app",
    "Get the Gulf Brief newsletter: what moved the strait, every Friday.",
    "Our free newsletter brings you the best of the week. It lands in your inbox every Friday.",
    "Never miss a story: get our alerts. Enter your e-mail.",
    "Enter your email address",
    "By signing up, you agree to our Terms of Use and Privacy Policy.",
    "You can unsubscribe at any time.",
    "I agree to receive news and offers by e-mail",
    "You have 3 free articles left this month.",
    "Subscribe from €2 a month",
    "Subscribe to read this article",
    "Subscribe to unlock this story. Try unlimited access for only $1. Cancel any time.",
    "Already a subscriber? Log in",
    "This article is for subscribers only. This story is available to paying members.",
    "Create a free account to keep reading. Already a member? Sign in",
    "Support independent journalism",
    "Support The Valley Herald!",
    "If you can, please support us from as little as £3 a month.",
    "Please donate today to support our reporting.",
    "Chip in from $5 and keep our newsroom going.",
    "We have no owner and no paywall.",
    "Keep independent reporting from the Sahel alive",
    "Remind me later",
    "Donate now | Maybe later",
    "Not ready to donate yet?",
    "We use cookies to improve your experience on our site.",
    "This website uses cookies. Accept all",
    "Accept all cookies",
    "We value your privacy",
    "Do not sell my personal information",
    "Read more",
    "Read more »",
    "READ MORE: What the treaty says about fishing",
    "Also read: Five questions on the gas deal",
    "Related: Who owns the strait?",
    "Ministers walk out of fishing talks Read more",
    "Click here to read the full report",
    "CLICK HERE TO GET THE HERALD APP",
    "Download our app",
    "Follow us on Facebook and X",
    "Follow us on Google News",
    "Follow our live coverage here",
    "Join more than 30,000 readers on WhatsApp",
    "Facebook  X  WhatsApp  Copy link",
    "Share · Save · Print",
    "Share this article",
    "Share on Facebook",
    "Comments (31)",
    "12 comments",
    "Leave a comment",
    "Join the conversation",
    "A-  A+  |  Listen to this article",
    "5 min read · Listen",
    "Home › World › Africa",
    "Menu | Search | Log in",
    "Skip to main content",
    "Back to top",
    "Tags: Kenya, Haiti, gangs",
    "Was this article useful?",
    "Found an error? Select it and press Ctrl+Enter",
    "Have a tip? Contact our newsroom securely.",
    "Do you live in Goma? Tell us your story",
    "We'd love to hear from you. Take our two-minute survey",
    "© The Valley Herald 2025. All rights reserved.",
    "Opens in a new window",
    "This article was first published in The Valley Herald.",
    "Correction: an earlier version of this article misspelled the envoy's name.",
    "Photo: Reuters",
    "Image source, Getty Images",
    "This story is more than 2 years old",
    "View image in fullscreen",
    "The post Talks fail in Vienna appeared first on The Valley Herald.",
    "Please consider making a donation to keep our journalism free.",
    "If you have a story to share, get in touch: desk@herald.example",
    "You can also follow us on Telegram",
    "Your free trial has ended. Subscribe now for $5 per month.",
    "A donation of $5 makes a difference.",
    "Like what you read? Buy us a coffee.",
    "Become a member – go ad-free",
    "Subscribe to our newsletters | Advertise with us",
    # Walls: for subscribers, for members, for blockers of advertisements, for browsers; and appeals on their own.
    "Subscribe now to continue reading. Already a subscriber? Log in",
    "Subscribe to continue reading",
    "This article is for subscribers only.",
    "You have reached your limit of free articles.",
    "You've read your last free article.",
    "Already a subscriber? Sign in",
    "To continue reading, please subscribe or log in.",
    "To read the full story, start your free trial today.",
    "Log in to read the full article",
    "Create a free account to continue reading.",
    "Register for free to continue reading.",
    "This content is reserved for subscribers.",
    "You have 3 free articles remaining this month.",
    "Get unlimited digital access for $1 a week.",
    "Unlock this article",
    "Subscribe to unlock this article.",
    "Become a member to keep reading.",
    "This is a premium article.",
    "This story is exclusive to subscribers.",
    "The rest of this article is behind a paywall.",
    "Only subscribers can read the full article.",
    "Sign in to continue",
    "Want to read more? Subscribe today.",
    "You must be logged in to view this content.",
    "Please log in or register to read this article.",
    "Your subscription has expired. Please renew it to continue reading.",
    "Support quality journalism: subscribe from £2 a week.",
    "Subscribe today for full access to all our stories.",
    "For unlimited access, subscribe now.",
    "Not a subscriber? Subscribe here.",
    "Don't have an account? Sign up",
    "Forgot your password?",
    "New here? Create an account.",
    "Continue reading with a free account",
    "Enjoying our content? Subscribe to read more.",
    "You've reached the end of your free preview.",
    "Subscribers can read the whole story here.",
    "Start your subscription for just €1.",
    "This article is free for a limited time.",
    "Exclusive to premium members",
    "Read the full article with a subscription",
    "Access to this article requires a subscription.",
    "Already have an account? Log in here",
    "Already registered? Log in",
    "Sign in or create an account to continue",
    "Subscribe for $1",
    "Get full access",
    "To access this article, please subscribe.",
    "Continue reading your article with a subscription",
    "Subscribe or log in to continue reading.",
    "We noticed you're using an ad blocker.",
    "We've detected that you are using an ad blocker.",
    "Please disable your ad blocker to continue.",
    "Please turn off your ad blocker and reload the page.",
    "It looks like you're using an ad blocker.",
    "You appear to be using ad blocking software.",
    "Ad blocker detected",
    "Adblock detected!",
    "Our journalism is funded by advertising. Please consider whitelisting our site.",
    "Ads help us keep this site free. Please allow ads.",
    "Please add us to your whitelist.",
    "Please whitelist us in your ad blocker",
    "Please support us by allowing ads.",
    "We rely on advertising to fund our journalism. Please disable your adblocker.",
    "Advertising helps fund our journalism.",
    "I have disabled my ad blocker",
    "Continue without disabling",
    "To continue, please disable your ad blocker or subscribe.",
    "JavaScript must be enabled to view this page.",
    "Please enable JavaScript to continue.",
    "Your browser does not support the video tag.",
    "This video is no longer available.",
    "Please enable cookies to continue reading.",
    "You are using an outdated browser. Please upgrade your browser.",
    "Log in to comment",
    "Please log in to leave a comment.",
    "Sign in to save this article",
    "Log in with Facebook",
    "Sign in with Google",
    "Continue with Google",
    "Forgotten your password? Reset it here.",
    "You are not logged in.",
    "You need to be logged in to comment.",
    "Create an account to follow topics",
    "Log in or register to post comments",
    "Stay signed in",
    "You must be a registered user to comment.",
    "If you value our journalism, please support us.",
    "Support independent journalism: donate today.",
    "Your support makes our work possible.",
    "We need your help to keep reporting.",
    "Help us keep our journalism free for everyone.",
    "Please consider making a donation.",
    "Become a supporter from £3 a month.",
    "Our journalism depends on readers like you.",
    "We're a nonprofit newsroom. Donate now.",
    "Keep our journalism free: make a gift today.",
    "This story was made possible by readers like you.",
    "If you appreciate our work, please consider a contribution.",
    "Support our work",
    "Join our community of supporters today.",
    "Help fund our investigative reporting.",
    "Chip in today",
    "Make a one-time gift.",
    "Your donation keeps this site free for all.",
    "Every dollar helps us report the stories that matter.",
    "Donate today to keep independent news alive.",
    "Before you go, can you spare a few dollars?",
    "You can make a difference: donate now.",
    "Readers fund our journalism. Join them.",
    "Back our journalism",
    "With your support, we can continue to investigate.",
    "Can you help us reach our goal?",
    "You have read 3 of 5 free articles this month.",
    "Thanks for reading! You have 1 article left.",
    "Sign up for free to keep reading",
    "Register now to read the rest of this story",
    "Log in or subscribe to read more",
    "Subscribe for as little as $1 per week to read this story.",
    "Unlimited digital access from $2 a week",
    "To keep reading, create a free account or sign in.",
    "Already subscribed? Sign in here.",
    "Already a member? Log in",
    "This article is only available to subscribers",
    "This is subscriber-only content.",
    "Subscriber exclusive",
    "The full article is available to subscribers.",
    "Continue reading this article with a free trial",
    "You've reached your article limit",
    "You have reached your monthly article limit. Subscribe to continue.",
    "Sorry, this content is for members only.",
    "Join now to read the full story.",
    "Join today for full access",
    "Hi there! You seem to be using an ad-blocker.",
    "Ad Blocker Detected",
    "AdBlock is on",
    "We see you're using an adblocker",
    "Please disable AdBlock",
    "Please consider disabling your ad blocker for our site.",
    "Looks like your ad blocker is on.",
    "Your ad blocker is preventing this page from loading.",
    "This site is supported by advertising. Please disable your ad blocker.",
    "Using an ad blocker? Please allow ads on this site.",
    "Our website is made possible by displaying online advertisements to our visitors.",
    "Turn off your ad blocker for a better experience",
    "Sign in to your account",
    "Sign in to read",
    "Log in to your account to continue reading",
    "Please sign in to continue reading this article.",
    "You'll need to sign in to read this article",
    "Create your free account",
    "Enter your password",
    "Don't have an account? Register here",
    "Not registered yet? Create an account",
    "Login to post a comment",
    "Sign up or log in to continue",
    "Support our journalism",
    "Support our journalism with a donation of any size.",
    "Our work is only possible because of readers like you.",
    "Please help us continue our work.",
    "Please donate.",
    "Your contribution helps us keep reporting.",
    "Help us stay independent",
    "Help keep our reporting free.",
    "Independent journalism needs you.",
    "If you found this article useful, please consider supporting us.",
    "Make a donation today to support our work.",
    "Good journalism costs money. Subscribe today.",
    "This article is free thanks to our members.",
    "You're reading a free article. Support us by becoming a member.",
    "Join 5,000 members who support our work",
    "Fund fearless journalism",
    "Stand with independent journalism",
    "Read this article for free: register now",
    "Enjoy unlimited access to all of our news",
    "Subscribe for full access",
    "Already have a subscription? Log in",
    "Please subscribe to keep reading",
    "Subscribe or sign in to continue reading",
    "Upgrade your subscription to read this article",
    "Premium content: subscribe to read",
    "Get access to all our content for £1",
    "Try it free for 30 days",
    "Cancel anytime",
    "You can cancel at any time.",
]


def text_of(raw: str) -> str:
    text, cuts = cleaning.clean(raw)
    assert apply_cuts(raw, cuts) == text
    return text


@pytest.mark.parametrize("line", NEWS)
def test_news_that_talks_like_boilerplate_stays(line: str) -> None:
    raw = f"{BEFORE}\n\n{line}\n\n{AFTER}\n"
    assert text_of(raw) == raw


@pytest.mark.parametrize("line", NEWS)
def test_news_beside_boilerplate_stays(line: str) -> None:
    for box in ("Advertisement", "Read more", "Sign up for our newsletter", "Support independent journalism"):
        raw = f"{BEFORE}\n{box}\n{line}\n{box}\n{AFTER}\n"
        kept = text_of(raw)
        assert line == "***" or line in kept.split("\n"), box
        assert BEFORE in kept
        assert AFTER in kept
        assert box not in kept.split("\n")


@pytest.mark.parametrize("line", SPEECH)
@pytest.mark.parametrize("box", ["", "Advertisement", "Read more", "Sign up for our newsletter", "Comments (31)"])
def test_a_speech_stays(line: str, box: str) -> None:
    assert line in text_of(f"{BEFORE}\n{box}\n{line}\n{box}\n{AFTER}\n").split("\n")


@pytest.mark.parametrize("line", NEWS)
def test_a_headline_stays(line: str) -> None:
    raw = f"{line}\n\n{BEFORE}\n\n{AFTER}\n"
    assert text_of(raw) == raw


@pytest.mark.parametrize("line", BOILERPLATE)
def test_boilerplate_goes(line: str) -> None:
    assert text_of(f"{BEFORE}\n\n{line}\n\n{AFTER}\n") == f"{BEFORE}\n\n{AFTER}\n"


@pytest.mark.parametrize("line", BOILERPLATE)
def test_boilerplate_goes_from_the_top_and_the_end(line: str) -> None:
    assert text_of(f"{line}\n\nTalks fail in Vienna\n\n{BEFORE}\n\n{line}\n") == f"Talks fail in Vienna\n\n{BEFORE}\n"


def test_an_appeal_goes_from_its_opening_to_its_last_button() -> None:
    appeal = """A Word from The Valley Herald:

Dear readers,

The court has closed two of our offices and taken our presses. Our staff work from kitchens now.

Officials call this order. We call it an attack on independent reporting, and our work goes on.

You can help. Every contribution, however small, pays for a day of our journalism.

Thank you for reading The Valley Herald.

Once
Monthly
Other sum
Continue
Remind me in June"""
    sub = "A split in the ruling camp"
    raw = f"Talks fail\n\n{BEFORE}\n\n{appeal}\n\n{sub}\n\n{AFTER}\n"
    assert text_of(raw) == f"Talks fail\n\n{BEFORE}\n\n{sub}\n\n{AFTER}\n"
    _, cuts = cleaning.clean(raw)
    assert cuts[0].reason == "appeal"


def test_a_newsletter_box_and_an_appeal_that_follows_it_go_to_the_last_line() -> None:
    boxes = """Sign up for our free daily bulletin by e-mail newsletter

Our daily newsletter holds the best of our reporting. It reaches your inbox at six. Preview
Readers agree to the Privacy Policy

A Note from The Valley Herald:

We, the journalists of this paper, need your help to keep our newsroom open. You can support us from €2.

Remind me later.

Read more"""
    raw = f"Support The Valley Herald!\n\nTalks fail\n\n{BEFORE}\n\nPremier says rival 'lying'\n\n{AFTER}\n\n{boxes}"
    assert text_of(raw) == f"Talks fail\n\n{BEFORE}\n\nPremier says rival 'lying'\n\n{AFTER}\n"


def test_a_letter_that_is_news_is_no_appeal() -> None:
    raw = (
        "A letter from the president\n\nDear friends,\n\nWe are facing a war that we did not choose, and our soldiers "
        "hold the line.\n\nThese are our children. We owe them our vote on Sunday, and you know it.\n\n"
        f"The letter was read in all churches.\n\n{AFTER}\n"
    )
    assert text_of(raw) == raw


def test_a_list_of_headlines_goes_at_the_end() -> None:
    raw = (
        f"Talks fail\n{BEFORE}\nRelated articles\nWhy the talks failed\nHow did it come to this?\nIn pictures: Vienna\n"
    )
    assert text_of(raw) == f"Talks fail\n{BEFORE}\n"


def test_a_list_amid_the_news_leaves_the_sub_heading() -> None:
    raw = f"Talks fail\n{BEFORE}\nMore on this story\nWhy the talks failed\nA mother waits\n{AFTER}\n"
    assert text_of(raw) == f"Talks fail\n{BEFORE}\nA mother waits\n{AFTER}\n"


def test_a_list_above_the_news_leaves_headline_and_deck() -> None:
    raw = f"Related stories\n• Why the talks failed\nTalks fail in Vienna\nPremier vows to go on\n{BEFORE}\n"
    assert text_of(raw) == f"Talks fail in Vienna\nPremier vows to go on\n{BEFORE}\n"


def test_a_sentence_at_the_end_of_a_paragraph_goes_alone() -> None:
    raw = f"{BEFORE} Sign up for our newsletter here.\n{AFTER}\n"
    assert text_of(raw) == f"{BEFORE}\n{AFTER}\n"
    raw = f"Sign up for our weekly newsletter. {BEFORE}\n"
    assert text_of(raw) == f"{BEFORE}\n"


def test_a_wrapped_paragraph_is_judged_as_one() -> None:
    raw = (
        "The two governments have been at odds since the spring, when the minister\n"
        "asked the smaller states of the region to\n"
        "sign up for the newsletter of the alliance, a demand that most of them had\n"
        "refused before, and to pay for it from a fund that nobody has yet filled\n"
        "with more than promises.\n\n"
        "Read more\n\nThe smaller states have not answered, and are not expected to answer soon,\n"
        "a diplomat in Vienna said on condition that he not be named by this paper\n"
        "or any other.\n"
    )
    assert text_of(raw) == raw.replace("Read more\n\n", "")


def test_the_larger_of_two_gaps_stays() -> None:
    assert text_of(f"{BEFORE}\nAdvertisement\n\n{AFTER}") == f"{BEFORE}\n\n{AFTER}"
    assert text_of(f"{BEFORE}\n\nAdvertisement\n{AFTER}") == f"{BEFORE}\n\n{AFTER}"
    assert text_of(f"{BEFORE}\nAdvertisement\n{AFTER}") == f"{BEFORE}\n{AFTER}"


def test_line_ends_and_mark_are_cuts_with_their_own_reasons() -> None:
    raw = f"\ufeff{BEFORE}\r\n\r\nAdvertisement\r\n\r\n{AFTER}\r\n"
    text, cuts = cleaning.clean(raw)
    assert text == f"{BEFORE}\n\n{AFTER}\n"
    assert {cut.reason for cut in cuts} == {"byte order mark", "line end", "advertisement"}
    assert [cut.reason for cut in cleaning.boilerplate(cuts)] == ["advertisement"]


def test_a_lone_carriage_return_stays_and_ends_a_line() -> None:
    assert text_of(f"{BEFORE}\rAdvertisement\r{AFTER}\r") == f"{BEFORE}\r{AFTER}\r"


def test_spaces_and_marks_of_the_text_are_left_alone() -> None:
    raw = "Talks\u00a0 fail \t\n\n  “So what?”  he\u2009said. Cafe\u0301 \u200f\u05d0\u200e 👩‍👩‍👧\u2028x\x0cy  \n"
    assert cleaning.clean(raw) == (raw, ())


PIECES = st.sampled_from(
    [*NEWS[:25], *BOILERPLATE, BEFORE, AFTER, "", " ", "\u00a0", "👩‍👩‍👧 e\u0301", "שלום", "“", '"', "Dear readers,"]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", ""])


@given(st.lists(st.tuples(PIECES, ENDS), max_size=30), st.booleans())
def test_raw_minus_cuts_is_the_text(pieces: list[tuple[str, str]], mark: bool) -> None:
    raw = ("\ufeff" if mark else "") + "".join(piece + end for piece, end in pieces)
    text, cuts = cleaning.clean(raw)
    assert apply_cuts(raw, cuts) == text
    assert "\r\n" not in text or re.search(r"\r(?!\n)", raw)
    assert all(cut.end > cut.start for cut in cuts)


@given(st.text())
def test_any_text_can_be_cleaned(raw: str) -> None:
    text_of(raw)


def test_a_long_line_does_not_hang() -> None:
    text_of("share " * 20_000)
    text_of("Sign up for " + "a " * 50_000)
    text_of('"' * 20_000 + "'a" * 20_000)


def test_cleaning_what_is_clean_cuts_nothing_more() -> None:
    raw = "\n\n".join([BEFORE, *BOILERPLATE[:20], AFTER, *BOILERPLATE[20:]])
    once = text_of(raw)
    assert text_of(once) == once


def test_the_version_changes_with_the_table() -> None:
    assert re.fullmatch(r"\d+\.[0-9a-f]{8}", cleaning.cleaner())


@pytest.mark.parametrize(("corpus", "share"), [("corpus", 0.9), ("newsrooms", 0.25)])
def test_no_news_of_the_samples_is_cut_and_most_boxes_are(corpus: shipped.CorpusName, share: float) -> None:
    """The cues were made on `corpus`; of the boxes of `newsrooms`, which they have not seen, one in three."""
    boxes = cut_boxes = 0
    for sample in shipped.corpus(shipped.label_scheme(), corpus):
        text, cuts = cleaning.clean(sample.raw)
        boxed = {n for start, end in sample.boxes for n in range(start, end)}
        gone = {n for cut in cuts for n in range(cut.start, cut.end)}
        lost = "".join(sample.raw[n] for n in sorted(gone - boxed) if not sample.raw[n].isspace())
        assert not lost, f"{sample.name} loses {lost!r}"
        if not any(start == 0 for start, _ in sample.boxes):
            assert headline(text) == headline(sample.raw)
        for start, end in sample.boxes:
            solid = {n for n in range(start, end) if not sample.raw[n].isspace()}
            boxes += bool(solid)
            cut_boxes += bool(solid) and solid <= gone
    assert cut_boxes / boxes >= share, f"{cut_boxes} of {boxes} box lines cut"
