"""Every number of the protocol: its name, its unit and its reason (protocol.md)."""

from typing import Final

SECOND: Final = 1_000  # milliseconds, the unit of all times here
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

INTEGER_MAX: Final = 2**53 - 1  # what every JSON and JavaScript reader holds exactly

CLOCK_TOLERANCE: Final = 5 * MINUTE  # between two honest clocks; more is somebody's fault
RETENTION: Final = 30 * DAY  # of the streams: what may still be delivered
EPOCH_AGE_MAX: Final = 35 * DAY  # retention plus a margin: an older epoch is a replay

TRUST_BYTES: Final = 256 * 1024
TRUST_SIGNATURES: Final = 32
TRUST_LIFETIME_MAX: Final = 400 * DAY
TRUST_LIFETIME: Final = 180 * DAY
TRUST_GRACE: Final = 30 * DAY  # after expiry: red health, then sealing stops
TRUST_WARNINGS: Final = (0.50, 0.20, 0.05)  # of the lifetime left
TRUST_AHEAD: Final = 64  # versions: an epoch further ahead than this is refused, one nearer waits
TRUST_SUCCESSOR_SLACK: Final = 10 * MINUTE  # an epoch may still name the list before for this long

REVOKE_BYTES: Final = 1024

BUNDLE_BYTES: Final = 4 * 1024
BUNDLE_WINDOW_MAX: Final = 7 * DAY
BUNDLE_LIFETIME: Final = 2 * DAY  # rotated daily; the second day bridges a gateway that is away
BUNDLE_ROTATION: Final = DAY
BUNDLE_SCHEDULED: Final = 20 * HOUR  # [E13] a key that was in use for so long is replaced by the calendar
SEED_ERASED_AFTER: Final = DAY + RETENTION  # [K8] forward secrecy against seizure

EPOCH_BYTES_BASE: Final = 4 * 1024
EPOCH_BYTES_MEMBER: Final = 1_200  # a wrap is 1,168
EPOCH_LIFETIME_MAX: Final = 24 * HOUR
EPOCH_LIFETIME: Final = 6 * HOUR
EPOCHS_AN_HOUR: Final = 240  # of one chain: a flood is noise of one member
EPOCHS_RENEWED: Final = 120  # an hour, for other keys of recipients: half of what makes a flood ([E10])
EPOCHS_MISSING: Final = 240  # of one chain that are recorded; the oldest goes
EPOCHS_REFUSED: Final = 1_024  # ids remembered, 32 bytes each, so that their frames are refused at once
EPOCHS_RENEWED_DAY: Final = 240  # the same a day (UTC): in 30 days such epochs fill a fifth of the own stream
EPOCH_IDLE: Final = 10 * MINUTE  # a bilateral epoch without traffic is closed
WRAP_BYTES: Final = 1_168
KEM_PUBLIC_BYTES: Final = 1_216

FRAMES_AN_EPOCH: Final = 65_536
FRAME_HEADER: Final = 120
FRAME_SIGNATURE: Final = 64
FRAME_TAG: Final = 16
FRAME_BYTES_MIN: Final = 456
FRAME_BYTES_MAX: Final = 786_432
FRAME_MESSAGES_MAX: Final = 256
PAD_BLOCK: Final = 256  # an alert and a trend look alike
MESSAGE_BYTES_MAX: Final = 512 * 1024
FREE_TEXT_MAX: Final = 19_760  # characters of a message that people wrote: what the maxima of lists and texts add up to
HEARTBEAT_BYTES_MAX: Final = 64 * 1024
HEADS_A_MINUTE: Final = 1_024  # of a member's heartbeats whose signature is verified; an honest one names 18 in 30 s
HEADS_SEEN: Final = 16  # of others that a heartbeat names, in turn: 2 KiB however many members there are
HEADS_KEPT: Final = 440  # of one member's heartbeats: as many as its largest heartbeat has room for
COMMITMENT_HOURS: Final = 10_000  # of a member, for which a commitment to its audit log is kept: 13 months
HEARTBEAT_INTERVAL: Final = 30 * SECOND

WAIT_MAX: Final = 24 * HOUR  # then refused by the rule that makes it wait
WAIT_CRITICAL: Final = 15 * MINUTE
WAIT_FRAME_BYTES: Final = 16 * 1024 * 1024  # a sender
WAIT_OTHER_BYTES: Final = 1024 * 1024  # a sender: lists, Revokes, bundles and epochs, out of reach of its frames
SENT_AGAIN_BYTES: Final = 32 * 1024 * 1024  # a day (UTC) and member: what its word makes us send once more
RECEIPT_BYTES: Final = 64 * 1024 * 1024  # a day (UTC) and member: receipts about what it sends
ACCOUNT_DAYS: Final = 31  # kept, so that it can be said what fills the own stream
SENT_AGAIN: Final = 100_000  # an hour and member that asks: requests, and objects and messages looked at for them
RANGE_COST: Final = 100  # of these each range of frames that is looked for, which takes a millisecond
QUARANTINE_BYTES: Final = 256 * 1024 * 1024
QUARANTINE_ROWS: Final = 10_000  # a sender
ALARM_ROWS: Final = 1_000  # of one name and member: within a day more are only counted
ALARM_BYTES: Final = 8 * 1024 * 1024  # of evidence, of one name and member: ten of the largest frames
SAMPLES: Final = 64  # an origin: the last refusals before a signature was checked
BATCH_FRAMES: Final = 500  # pulled at once
BATCH_BYTES: Final = 8 * 1024 * 1024
CARRIED_BYTES: Final = 1_000_000  # a segment of a carried file: one call of the HTTP API, and the largest frame fits
