"""Evidence that outlives the keys of the messages: time stamps, and the salts and leaves of frames."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from suar.store.tables.columns import mac, metadata, serial

stamp = Table(  # trees with a time stamp of an authority; the leaves with their salts are sealed
    "stamp",
    metadata,
    serial(),
    Column("at", BigInteger, nullable=False),  # ms: when the token was received
    Column("line", BigInteger, nullable=False),  # the last line of the audit that it covers
    Column("kid", LargeBinary(16), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("leaves_key", LargeBinary, nullable=False),
    mac(),
)

stamped = Table(  # the first tree that contains a value
    "stamped",
    metadata,
    Column("value", LargeBinary(32), primary_key=True),
    Column("stamp", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    mac(),
    sqlite_with_rowid=False,
)

kept_proof = Table(  # salts and leaves of a frame, sealed; for an own frame also the frame and its epoch
    "kept_proof",
    metadata,
    Column("frame_hash", LargeBinary(32), primary_key=True),
    Column("frame", LargeBinary),
    Column("epoch", LargeBinary),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
)

row_key = Table(  # salts of sealed rows, where the database keeps earlier versions of rows: engine/keys/row_keys.py
    "row_key",
    metadata,
    Column("name", LargeBinary(16), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
)

sealed_frame = Table(  # frames of recalled messages, sealed to the offline evidence keys for the proof of the others
    "sealed_frame",
    metadata,
    Column("frame_hash", LargeBinary(32), primary_key=True),
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    mac(),
)

peer_heartbeat = Table(  # heartbeats of other members, one an hour: witnesses that they had a head
    "peer_heartbeat",
    metadata,
    Column("member", String(2), nullable=False),
    Column("hour", BigInteger, nullable=False),  # of our clock
    Column("at", BigInteger, nullable=False),  # ms: the time of the frame
    Column("frame", LargeBinary, nullable=False),
    mac(),
    PrimaryKeyConstraint("member", "hour"),
)
