"""Every numeric limit of the protocol, with its unit and reason (protocol.md)."""

from typing import Final

SECOND: Final = 1_000  # milliseconds, the unit of all times here
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

INTEGER_MAX: Final = 2**53 - 1  # the largest integer that every JSON and JavaScript reader represents exactly

CLOCK_TOLERANCE: Final = 5 * MINUTE  # between two correct clocks
RETENTION: Final = 30 * DAY  # of the streams: how long an object can be delivered
EPOCH_AGE_MAX: Final = 35 * DAY  # retention plus a margin: an older epoch is a replay

TRUST_BYTES: Final = 256 * 1024
TRUST_SIGNATURES: Final = 32
TRUST_LIFETIME_MAX: Final = 400 * DAY
TRUST_LIFETIME: Final = 180 * DAY
TRUST_GRACE: Final = 30 * DAY  # after expiry: health is red, then sealing stops
TRUST_WARNINGS: Final = (0.50, 0.20, 0.05)  # of the lifetime left
TRUST_AHEAD: Final = 64  # versions: an epoch further ahead than this is refused, one nearer waits
TRUST_SUCCESSOR_SLACK: Final = 10 * MINUTE  # how long after a new list an epoch may still name the previous one

REVOKE_BYTES: Final = 1024

BUNDLE_BYTES: Final = 4 * 1024
BUNDLE_WINDOW_MAX: Final = 7 * DAY
BUNDLE_LIFETIME: Final = 2 * DAY  # rotated daily; the second day covers an outage of the gateway
BUNDLE_ROTATION: Final = DAY
BUNDLE_SCHEDULED: Final = 20 * HOUR  # [E13] replacing a key after this time in use counts as a scheduled rotation
SEED_ERASED_AFTER: Final = DAY + RETENTION  # [K8] forward secrecy against seizure

EPOCH_BYTES_BASE: Final = 4 * 1024
EPOCH_BYTES_MEMBER: Final = 1_200  # a wrap is 1,168
EPOCH_LIFETIME_MAX: Final = 24 * HOUR
EPOCH_LIFETIME: Final = 6 * HOUR
EPOCHS_AN_HOUR: Final = 240  # of one chain; more is refused as a flood
EPOCHS_RENEWED: Final = 120  # an hour, because of new keys of recipients: half of the flood limit ([E10])
EPOCHS_MISSING: Final = 240  # recorded for one chain; the oldest is dropped
EPOCHS_REFUSED: Final = 1_024  # ids kept, 32 bytes each, so that their frames are refused at once
EPOCHS_RENEWED_DAY: Final = 240  # the same for a day (UTC): in 30 days such epochs fill a fifth of the own stream
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
PAD_BLOCK: Final = 256  # padding hides the size, so an alert and a trend look alike
MESSAGE_BYTES_MAX: Final = 512 * 1024
FREE_TEXT_MAX: Final = 19_760  # maximum characters of all free text of a message: the sum over the limits of its fields
HEARTBEAT_BYTES_MAX: Final = 64 * 1024
HEADS_A_MINUTE: Final = 1_024  # signatures of heads verified for one member; an honest member sends 18 in 30 s
HEADS_SEEN: Final = 16  # heads of others in a heartbeat, in rotation: at most 2 KiB for any number of members
HEADS_KEPT: Final = 440  # heads kept for one member: as many as its largest heartbeat can contain
COMMITMENT_HOURS: Final = 10_000  # hours for which a commitment to a member's audit log is kept: 13 months
WITNESS_HOURS: Final = 840  # hours for which a heartbeat of a member is kept as a witness of heads: 35 days
WITNESS_BYTES: Final = 16 * 1024  # of such a frame
WITNESSES_READ: Final = 72  # such frames of each member that are read for one file of evidence
HEARTBEAT_INTERVAL: Final = 30 * SECOND

WAIT_MAX: Final = 24 * HOUR  # then refused with the number of the rule that it waits for
WAIT_CRITICAL: Final = 15 * MINUTE
WAIT_FRAME_BYTES: Final = 16 * 1024 * 1024  # for one sender
WAIT_OTHER_BYTES: Final = 1024 * 1024  # for one sender: lists, Revokes, bundles, epochs; counted apart from frames
SENT_AGAIN_BYTES: Final = 32 * 1024 * 1024  # a day (UTC) and member: bytes sent again at its request
RECEIPT_BYTES: Final = 64 * 1024 * 1024  # a day (UTC) and member: receipts about its messages
ACCOUNT_DAYS: Final = 31  # days for which the statistics of the own stream are kept
SENT_AGAIN: Final = 100_000  # an hour and requesting member: requests, and objects and messages searched to answer them
RANGE_COST: Final = 100  # cost of one requested range of frames in units of SENT_AGAIN, about 1 ms of search
QUARANTINE_BYTES: Final = 256 * 1024 * 1024
QUARANTINE_ROWS: Final = 10_000  # for one sender
ALARM_ROWS: Final = 1_000  # for one alarm name and member; more within a day are only counted
ALARM_BYTES: Final = 8 * 1024 * 1024  # of evidence, for one alarm name and member: ten frames of maximum size
SAMPLES: Final = 64  # for one origin: the newest refusals before a signature was checked
BATCH_FRAMES: Final = 500  # fetched in one pull
BATCH_BYTES: Final = 8 * 1024 * 1024
CARRIED_BYTES: Final = 1_000_000  # a segment of a carried file: fits an HTTP API call, and holds the largest frame
