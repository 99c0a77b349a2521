"""The state of an economy and what moves it: columns, links, random draws, the ledger. Nothing here decides."""
