/**
 * The meaning of a database error for the caller.
 *
 * - `conflict`: the database ended the transaction in favour of another one. It rolled everything back. The transaction
 *   may be run again at once.
 * - `busy`: a lock or a time limit stopped the statement. The server is healthy, and the call may succeed later.
 * - `unavailable`: this server cannot do it now. It is read-only, full, out of connections, shutting down, or not part
 *   of its cluster. Another server behind the same name may be usable, so the connection is not used again.
 * - `refused`: the server rejects the database user or denies a right. At start this ends the process, because an
 *   operator must act. Later it may be part of a switch-over and is treated like `unavailable`.
 */
export type ErrorClass = 'conflict' | 'busy' | 'unavailable' | 'refused';

/** What is missing: a right of the database user, or a free connection. */
export type Shortage = 'right' | 'connections';

/** Codes from one source that mean the same for a caller. */
export interface ErrorGroup {
  readonly class: ErrorClass;
  readonly shortage?: Shortage;
  /** Where the codes and their meaning are documented. */
  readonly source: string;
  /** Error numbers of a server, or codes of a driver, each with its name or meaning. */
  readonly codes: Readonly<Record<number | string, string>>;
}

const MYSQL = 'https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html';
const MYSQL_GLOBAL = 'https://dev.mysql.com/doc/mysql-errors/en/global-error-reference.html';
const MARIADB = 'https://mariadb.com/kb/en/mariadb-error-code-reference/';
const GALERA = 'https://galeracluster.com/library/documentation/crash-recovery.html';
const GROUP_REPLICATION = 'https://dev.mysql.com/doc/refman/en/group-replication.html';
const TIDB = 'https://docs.pingcap.com/tidb/stable/error-codes';
const MYSQL_ROUTER = 'https://dev.mysql.com/doc/mysql-errors/en/client-error-reference.html';
const RDS_PROXY = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.troubleshooting.html';
const SQLITE = 'https://www.sqlite.org/rescode.html';
const NODE = 'https://nodejs.org/api/errors.html#common-system-errors';
const DRIVER = 'mysql2 and this service';

/** Every code that belongs to a class, listed once. An error that is not listed is a bug of this service. */
export const ERROR_GROUPS: readonly ErrorGroup[] = [
  {
    class: 'conflict',
    source: MYSQL,
    codes: {
      1020: 'ER_CHECKREAD: the row has changed since it was read',
      1213: 'ER_LOCK_DEADLOCK; Galera says so too where the certification of a transaction fails, also to a COMMIT',
      1412: 'ER_TABLE_DEF_CHANGED: the table was altered since the transaction began to read',
      1615: 'ER_NEED_REPREPARE: the tables of a prepared statement changed too often while it ran',
    },
  },
  {
    class: 'conflict',
    source: GROUP_REPLICATION,
    codes: { 3101: 'ER_TRANSACTION_ROLLBACK_DURING_COMMIT: the group did not certify the transaction' },
  },
  {
    class: 'conflict',
    source: TIDB,
    codes: {
      8002: 'a conflict at the COMMIT of a transaction with SELECT … FOR UPDATE',
      8005: 'write conflict',
      8022: 'the COMMIT failed and was rolled back',
      8028: 'the schema changed during the transaction',
      8229: 'the transaction lasted for too long',
      9006: 'what the transaction reads was collected as garbage: it lasted for too long',
      9007: 'write conflict',
    },
  },
  {
    class: 'conflict',
    source: SQLITE,
    codes: {
      SQLITE_BUSY: 'another process writes to the file',
      SQLITE_BUSY_SNAPSHOT: 'it has written since this transaction began',
    },
  },
  {
    class: 'busy',
    source: MYSQL,
    codes: {
      1205: 'ER_LOCK_WAIT_TIMEOUT',
      1206: 'ER_LOCK_TABLE_FULL',
      1317: 'ER_QUERY_INTERRUPTED',
      1689: 'ER_LOCK_ABORTED',
      3024: 'ER_QUERY_TIMEOUT: max_execution_time is over',
      3572: 'ER_LOCK_NOWAIT',
    },
  },
  { class: 'busy', source: MARIADB, codes: { 1969: 'ER_STATEMENT_TIMEOUT: max_statement_time is over' } },
  {
    class: 'busy',
    source: TIDB,
    codes: { 9003: 'TiKV is busy', 9004: 'too many transactions wait for locks', 9008: 'too many requests to TiKV' },
  },
  {
    class: 'busy',
    source: SQLITE,
    codes: { SQLITE_LOCKED: 'a lock within the process', SQLITE_PROTOCOL: 'a race for the lock was lost' },
  },
  {
    class: 'unavailable',
    source: MYSQL,
    codes: {
      1004: 'ER_CANT_CREATE_FILE',
      1016: 'ER_CANT_OPEN_FILE',
      1021: 'ER_DISK_FULL',
      1026: 'ER_ERROR_ON_WRITE: a file, the binary log among them, could not be written',
      1030: 'ER_GET_ERRNO: the storage engine met an error of the system, such as 28, no space left',
      1034: 'ER_NOT_KEYFILE: an index is damaged',
      1036: 'ER_OPEN_AS_READONLY: the table is read-only',
      1037: 'ER_OUTOFMEMORY',
      1038: 'ER_OUT_OF_SORTMEMORY',
      1041: 'ER_OUT_OF_RESOURCES',
      1053: 'ER_SERVER_SHUTDOWN',
      1077: 'ER_NORMAL_SHUTDOWN',
      1079: 'ER_SHUTDOWN_COMPLETE',
      1114: 'ER_RECORD_FILE_FULL: the table cannot grow',
      1129: 'ER_HOST_IS_BLOCKED: too many connections from here failed',
      1135: 'ER_CANT_CREATE_THREAD',
      1158: 'ER_NET_READ_ERROR',
      1159: 'ER_NET_READ_INTERRUPTED',
      1160: 'ER_NET_ERROR_ON_WRITE',
      1161: 'ER_NET_WRITE_INTERRUPTED',
      1180: 'ER_ERROR_DURING_COMMIT',
      1181: 'ER_ERROR_DURING_ROLLBACK',
      1194: 'ER_CRASHED_ON_USAGE: the table is damaged',
      1195: 'ER_CRASHED_ON_REPAIR: the table is damaged',
      1207: 'ER_READ_ONLY_TRANSACTION',
      1243: 'ER_UNKNOWN_STMT_HANDLER: the server has not prepared the statement; a proxy has moved the session to another server',
      1290: 'ER_OPTION_PREVENTS_STATEMENT: read_only or super_read_only',
      1461: 'ER_MAX_PREPARED_STMT_COUNT_REACHED',
      1598: 'ER_BINLOG_LOGGING_IMPOSSIBLE',
      1637: 'ER_TOO_MANY_CONCURRENT_TRXS',
      1712: 'ER_INDEX_CORRUPT',
      1792: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: transaction_read_only',
      1836: 'ER_READ_ONLY_MODE: innodb_read_only, a replica of a cloud provider',
      1874: 'ER_INNODB_READ_ONLY',
      1877: 'ER_TABLE_CORRUPT',
      1881: 'ER_INNODB_FORCED_RECOVERY: read-only by innodb_force_recovery',
      3015: 'ER_ENGINE_OUT_OF_MEMORY',
      3019: 'ER_INNODB_UNDO_LOG_FULL',
      3032: 'ER_SERVER_OFFLINE_MODE',
      3168: 'ER_SERVER_ISNT_AVAILABLE',
      3169: 'ER_SESSION_WAS_KILLED',
      3170: 'ER_CAPACITY_EXCEEDED',
      3675: 'ER_DISK_FULL_NOWAIT',
      3989: 'ER_SCHEMA_READ_ONLY: the database is read-only',
      4031: 'ER_CLIENT_INTERACTION_TIMEOUT',
    },
  },
  {
    class: 'unavailable',
    source: MYSQL_GLOBAL,
    codes: {
      1: 'EE_CANTCREATEFILE',
      3: 'EE_WRITE: a file could not be written',
      5: 'EE_OUTOFMEMORY',
      20: 'EE_DISK_FULL',
      23: 'EE_OUT_OF_FILERESOURCES: too many open files',
      34: 'EE_CAPACITY_EXCEEDED',
      35: 'EE_DISK_FULL_WITH_RETRY_MSG',
    },
  },
  {
    class: 'unavailable',
    shortage: 'connections',
    source: MYSQL,
    codes: {
      1040: 'ER_CON_COUNT_ERROR: too many connections',
      1203: 'ER_TOO_MANY_USER_CONNECTIONS',
      1226: 'ER_USER_LIMIT_REACHED: MAX_USER_CONNECTIONS and the like, granted to the user',
    },
  },
  {
    // Numbers of the client library. Proxies send them if they cannot reach the server.
    class: 'unavailable',
    source: MYSQL_ROUTER,
    codes: {
      2002: 'CR_CONNECTION_ERROR',
      2003: 'CR_CONN_HOST_ERROR: MySQL Router and MaxScale reach no server',
      2006: 'CR_SERVER_GONE_ERROR',
      2013: 'CR_SERVER_LOST: the server ended the connection of the proxy',
    },
  },
  {
    class: 'unavailable',
    source: RDS_PROXY,
    codes: { 9501: 'Amazon RDS Proxy gets no connection to the server' },
  },
  { class: 'unavailable', source: MARIADB, codes: { 1927: 'ER_CONNECTION_KILLED, also where the server shuts down' } },
  {
    class: 'unavailable',
    source: GALERA,
    codes: { 1047: 'ER_UNKNOWN_COM_ERROR: the node is not part of its cluster' },
  },
  {
    class: 'unavailable',
    source: GROUP_REPLICATION,
    codes: {
      3098: 'ER_BEFORE_DML_VALIDATION_ERROR: the group does not take what the table or the transaction is like',
      3100: 'ER_RUN_HOOK_ERROR: the member cannot reach its group',
      3781: 'ER_GR_HOLD_WAIT_TIMEOUT: the new primary does not apply the old transactions in time',
      3782: 'ER_GR_HOLD_KILLED: the session was killed while it waited for that',
      3797: 'ER_GRP_TRX_CONSISTENCY_BEFORE: the wait for earlier transactions failed',
      3798: 'ER_GRP_TRX_CONSISTENCY_AFTER_ON_TRX_BEGIN: the wait for earlier transactions failed',
      3799: 'ER_GRP_TRX_CONSISTENCY_BEGIN_NOT_ALLOWED: the member is not in a state to do that',
    },
  },
  {
    class: 'unavailable',
    source: TIDB,
    codes: {
      8027: 'the schema of the server is out of date',
      8120: 'the transaction gets no time stamp from PD',
      9001: 'PD does not answer; ProxySQL says so where no server of a host group does',
      9002: 'TiKV does not answer',
      9005: 'a region cannot be used',
      9010: 'TiKV cannot process it',
    },
  },
  {
    class: 'unavailable',
    source: SQLITE,
    codes: {
      SQLITE_CANTOPEN: 'the file, or one beside it, cannot be opened',
      SQLITE_CORRUPT: 'the file is damaged',
      SQLITE_FULL: 'the disk is full',
      SQLITE_IOERR: 'the system could not read or write',
      SQLITE_NOMEM: 'out of memory',
      SQLITE_NOTADB: 'the file is no database',
      SQLITE_READONLY: 'the file cannot be written',
    },
  },
  {
    class: 'unavailable',
    source: NODE,
    codes: {
      EAI_AGAIN: 'the name could not be looked up',
      ECONNABORTED: 'connection aborted',
      ECONNREFUSED: 'nothing listens there',
      ECONNRESET: 'the server ended the connection',
      EHOSTUNREACH: 'no way to the host',
      EMFILE: 'this process has too many files open',
      ENETUNREACH: 'no way to the network',
      ENOENT: 'there is no such socket',
      ENOTFOUND: 'there is no such host',
      EPIPE: 'the server ended the connection',
      ETIMEDOUT: 'the server did not answer in time',
    },
  },
  {
    class: 'unavailable',
    source: DRIVER,
    codes: {
      DATABASE_TIMEOUT: 'DB_TIMEOUT is over',
      POOL_CLOSED: 'the service is ending',
      PROTOCOL_CONNECTION_LOST: 'the server ended the connection',
      PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR: 'the connection was lost before',
    },
  },
  {
    class: 'refused',
    shortage: 'right',
    source: MYSQL,
    codes: {
      1044: 'ER_DBACCESS_DENIED_ERROR',
      1142: 'ER_TABLEACCESS_DENIED_ERROR',
      1143: 'ER_COLUMNACCESS_DENIED_ERROR',
      1227: 'ER_SPECIFIC_ACCESS_DENIED_ERROR',
    },
  },
  {
    class: 'refused',
    source: MYSQL,
    codes: {
      1045: 'ER_ACCESS_DENIED_ERROR: a wrong name or password',
      1049: 'ER_BAD_DB_ERROR: there is no such database',
      1130: 'ER_HOST_NOT_PRIVILEGED: not from this host',
      1251: 'ER_NOT_SUPPORTED_AUTH_MODE',
      1524: 'ER_PLUGIN_IS_NOT_LOADED: the server lacks the kind of authentication that the user has',
      1698: 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
      1820: 'ER_MUST_CHANGE_PASSWORD',
      1862: 'ER_MUST_CHANGE_PASSWORD_LOGIN',
      3118: 'ER_ACCOUNT_HAS_BEEN_LOCKED',
      3159: 'ER_SECURE_TRANSPORT_REQUIRED: see DB_TLS',
      3955: 'ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK: too many wrong passwords',
    },
  },
  { class: 'refused', source: MARIADB, codes: { 4151: 'ER_ACCOUNT_HAS_BEEN_LOCKED' } },
  { class: 'refused', source: NODE, codes: { EACCES: 'the socket may not be used' } },
  {
    class: 'refused',
    source: DRIVER,
    codes: {
      AUTH_SWITCH_PLUGIN_ERROR: 'the server asks for another kind of authentication',
      HANDSHAKE_NO_SSL_SUPPORT: 'the server has no TLS',
      HANDSHAKE_SSL_ERROR:
        'no agreement on TLS, or a certificate that is not trusted; the driver gives every such error this code',
      MYSQL_CLEAR_PASSWORD_NOT_ENABLED: 'the server wants the password in clear text',
    },
  },
];
