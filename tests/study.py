"""Small invented studies for tests of roles, persons and pseudonyms."""

from pipeline.records import Source, Transcript, Utterance


def transcript(interview, *turns, timed=True):
    """A transcript of (speaker, text) turns."""
    utterances = tuple(
        Utterance(
            interview, n, speaker, n * 1000 if timed else None, None, text, Source("x.vtt", (str(n),), 0, len(text))
        )
        for n, (speaker, text) in enumerate(turns, start=1)
    )
    return Transcript(interview, "test", utterances, len(turns), len(turns))


def talk(interview, asks, answers, *more):
    """An interview in which `asks` opens and asks, and `answers` tells."""
    return transcript(
        interview,
        (asks, "Fijn dat je er bent. Hoe ben je erbij betrokken geraakt?"),
        (answers, "Nou, eh, dat begon drie jaar geleden toen we samen een plan schreven voor de wijk."),
        (asks, "En wat was jouw rol?"),
        (answers, "Ik was de trekker van het geheel, samen met een paar collega's van beleid en uitvoering. Toch?"),
        (asks, "Ja. Waarom werkten jullie samen?"),
        (answers, "Omdat het anders niet lukt, en omdat we hetzelfde doel hebben met elkaar."),
        *more,
    )
