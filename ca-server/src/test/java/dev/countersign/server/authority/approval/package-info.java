/** Tests of approvals. */
@NullMarked
package dev.countersign.server.authority.approval;

import org.jspecify.annotations.NullMarked;
