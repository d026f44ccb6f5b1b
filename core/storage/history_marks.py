"""What a generation's document carries for the history of its person, apart from the job itself.

`listed` is the row's place, `USER:NUMBER`: while a document has it, the row is in the person's view.
`favourite_of` is the person whose favourite it is, `prompt_of` the one whose words are kept in it as
`kept_prompt`. No mark is there where it says nothing, so that their indexes stay small.
"""

from __future__ import annotations

from core.generation.job import Job
from core.storage.codec import stored
from core.storage.collection import Document

COUNTER = "generations"
"""The field of a person's record that has the greatest number given to a generation of theirs."""


def place(user_id: int, number: int) -> str:
    """Where a person's generation of this number stands in their history."""
    return f"{user_id}:{number}"


def history_marks(job: Job) -> Document:
    """The marks of a new job."""
    marks: Document = {"listed": place(job.user_id, job.number)}
    if job.keep_prompt and job.prompt:
        marks |= {"kept_prompt": job.prompt, "prompt_of": stored(job.user_id)}
    return marks
