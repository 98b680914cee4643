/** The append-only log of everything the CA signed or refused, behind the port {@link dev.countersign.server.audit.AuditTrail}. */
@NullMarked
package dev.countersign.server.audit;

import org.jspecify.annotations.NullMarked;
