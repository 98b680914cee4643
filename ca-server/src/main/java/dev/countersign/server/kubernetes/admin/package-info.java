/**
 * The admin service by the cluster's RBAC: {@link
 * dev.countersign.server.kubernetes.admin.RbacAccess} asks the API server who a token belongs to and
 * whether that one may do what {@link dev.countersign.server.kubernetes.admin.AdminPermission} calls
 * the action. The ClusterRoles {@code countersign-viewer}, {@code -policy-admin} and {@code
 * -security-admin} of {@code kubernetes/rbac.yaml} say the same as the role table of operators.
 */
@NullMarked
package dev.countersign.server.kubernetes.admin;

import org.jspecify.annotations.NullMarked;
