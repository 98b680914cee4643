package dev.countersign.server.operators;

/** Somebody else who knows people and what they may do, such as a cluster's RBAC: a port. */
public interface DelegatedAccess {
    /**
     * Who presents this token, and whether that one may do this.
     *
     * @param bearer as it was sent; a secret
     * @throws AccessUnavailable when it cannot be found out now: nobody is let in
     */
    AdminCaller.Delegated caller(String bearer, AdminAction action) throws AccessUnavailable;
}
