"""What the workbench keeps: SQLModel tables, migrations, and one repository module a subject.

A repository's functions take the transaction that `Store.transaction` opens, and give and take core types. Nothing is
updated that a user or a model said: annotation sets and revisions are only ever added.
"""

from workbench.store.database import Store, Transaction

__all__ = ["Store", "Transaction"]
