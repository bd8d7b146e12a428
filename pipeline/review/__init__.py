"""The local page on which a researcher judges suggestions.

`study` (what is read), `queue` and `order` (what is offered), `wishes` (what is asked), `unseen` (what was accepted in
bulk), `state` (one coder at work), `shown` (what is sent), `adding` (open codes), `server` (HTTP on 127.0.0.1),
`page/` (what the browser gets).
"""
