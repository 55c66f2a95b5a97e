"""People and the audit chain: staff, their sessions and devices, citizens, what was done."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    "audit_checkpoint",
    "audit_head",
    "audit_entry",
    "throttle",
    "one_time_code",
    "login_session",
    "citizen",
    "device",
    "enrolment",
    "staff_member",
)


def upgrade() -> None:
    _staff()
    _citizens()
    _sessions()
    _audit()
    # who has signed in, and on what, is named by what was done: ended or revoked, never erased
    op.execute("REVOKE DELETE ON staff_member, device FROM susa_gateway_app")
    op.execute("REVOKE UPDATE, DELETE ON audit_entry, audit_checkpoint FROM susa_gateway_app")
    op.execute("REVOKE DELETE ON audit_head FROM susa_gateway_app")


def _staff() -> None:
    op.execute(
        """
        CREATE TABLE staff_member (
            account_id uuid NOT NULL CONSTRAINT pk_staff_member PRIMARY KEY
                CONSTRAINT fk_staff_member_account_id REFERENCES partner (id),
            login text NOT NULL CONSTRAINT uq_staff_member_login UNIQUE,
            role text NOT NULL,
            password_hash text,
            failures smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),
            locked_until timestamptz,
            totp_secret text,
            totp_confirmed_at timestamptz,
            totp_step bigint,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CHECK (totp_confirmed_at IS NULL OR totp_secret IS NOT NULL)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE enrolment (
            id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_enrolment PRIMARY KEY,
            account_id uuid NOT NULL
                CONSTRAINT fk_enrolment_account_id REFERENCES staff_member (account_id),
            purpose text NOT NULL CHECK (purpose IN ('password', 'device')),
            digest bytea NOT NULL CONSTRAINT uq_enrolment_digest UNIQUE
                CHECK (octet_length(digest) = 32),
            issued_by text NOT NULL,
            issued_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_enrolment_open ON enrolment (account_id, purpose)"
        " WHERE ended_at IS NULL"
    )
    op.execute(
        """
        CREATE TABLE device (
            id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_device PRIMARY KEY,
            account_id uuid NOT NULL
                CONSTRAINT fk_device_account_id REFERENCES staff_member (account_id),
            name text NOT NULL,
            public_key text NOT NULL,
            pin_hash text NOT NULL,
            failures smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),
            challenge bytea,
            challenge_until timestamptz,
            enrolled_at timestamptz NOT NULL,
            enrolled_by text NOT NULL,
            revoked_at timestamptz,
            CHECK ((challenge IS NULL) = (challenge_until IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_device_account_id ON device (account_id)")


def _citizens() -> None:
    op.execute(
        """
        CREATE TABLE citizen (
            id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_citizen PRIMARY KEY,
            phone text NOT NULL CONSTRAINT uq_citizen_phone UNIQUE,
            created_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE one_time_code (
            id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_one_time_code PRIMARY KEY,
            phone_key bytea NOT NULL,
            digest bytea NOT NULL CHECK (octet_length(digest) = 32),
            attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ix_one_time_code_phone_key ON one_time_code (phone_key, id)")
    op.execute("CREATE INDEX ix_one_time_code_expires_at ON one_time_code (expires_at)")
    op.execute(
        """
        CREATE TABLE throttle (
            what text NOT NULL,
            key bytea NOT NULL,
            window_start timestamptz NOT NULL,
            window_s integer NOT NULL CHECK (window_s > 0),
            count integer NOT NULL CHECK (count > 0),
            CONSTRAINT pk_throttle PRIMARY KEY (what, key, window_s, window_start)
        )
        """
    )
    op.execute("CREATE INDEX ix_throttle_window_start ON throttle (window_start)")


def _sessions() -> None:
    op.execute(
        """
        CREATE TABLE login_session (
            id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_login_session PRIMARY KEY,
            digest bytea NOT NULL CONSTRAINT uq_login_session_digest UNIQUE
                CHECK (octet_length(digest) = 32),
            kind text NOT NULL CHECK (kind IN ('staff', 'citizen')),
            account_id uuid NOT NULL,
            device_id uuid CONSTRAINT fk_login_session_device_id REFERENCES device (id),
            world text NOT NULL CHECK (world IN ('live', 'test')),
            strong boolean NOT NULL,
            idle_s integer NOT NULL CHECK (idle_s > 0),
            created_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_reason text,
            CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_login_session_account_id ON login_session (account_id, id)")
    op.execute("CREATE INDEX ix_login_session_expires_at ON login_session (expires_at)")


def _audit() -> None:
    op.execute(
        """
        CREATE TABLE audit_entry (
            chain text NOT NULL,
            seq bigint NOT NULL CHECK (seq > 0),
            source text NOT NULL,
            event uuid NOT NULL,
            type text NOT NULL,
            subject text,
            time text NOT NULL,
            data text NOT NULL,
            prev bytea NOT NULL CHECK (octet_length(prev) = 32),
            hash bytea NOT NULL CHECK (octet_length(hash) = 32),
            CONSTRAINT pk_audit_entry PRIMARY KEY (chain, seq),
            CONSTRAINT uq_audit_entry_chain_event UNIQUE (chain, event)
        )
        """
    )
    op.execute("CREATE INDEX ix_audit_entry_type ON audit_entry (chain, type, seq)")
    op.execute(
        """
        CREATE TABLE audit_head (
            chain text NOT NULL CONSTRAINT pk_audit_head PRIMARY KEY,
            seq bigint NOT NULL CHECK (seq >= 0),
            hash bytea NOT NULL CHECK (octet_length(hash) = 32),
            signature text NOT NULL,
            checked_seq bigint NOT NULL DEFAULT 0
        )
        """
    )
    op.execute(
        """
        CREATE TABLE audit_checkpoint (
            number bigint NOT NULL CONSTRAINT pk_audit_checkpoint PRIMARY KEY CHECK (number > 0),
            at timestamptz NOT NULL,
            heads text NOT NULL,
            prev bytea NOT NULL CHECK (octet_length(prev) = 32),
            hash bytea NOT NULL CHECK (octet_length(hash) = 32),
            signature text NOT NULL
        )
        """
    )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
