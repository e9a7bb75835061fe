"""Fixed notices: mails and a hook that always say the same, at fixed hours, whatever happened; never to reporters.

They know when they go and to whom, nothing of any case. Start at `service`.
"""
