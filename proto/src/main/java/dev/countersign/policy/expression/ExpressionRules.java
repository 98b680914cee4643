package dev.countersign.policy.expression;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.countersign.policy.match.IpBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a well-typed expression may still not do. */
final class ExpressionRules {
    private static final String HEADERS = "request.headers";
    private static final int MAX_PATTERN = 256;
    private static final long MAX_REPETITIONS = 1000;

    /** Operators as CEL names them, then functions. */
    private static final Set<String> FUNCTIONS =
            Set.of(
                    "_&&_",
                    "_||_",
                    "!_",
                    "_?_:_",
                    "_==_",
                    "_!=_",
                    "_<_",
                    "_<=_",
                    "_>_",
                    "_>=_",
                    "_+_",
                    "_-_",
                    "_*_",
                    "_/_",
                    "_%_",
                    "-_",
                    "_[_]",
                    "@in",
                    "@not_strictly_false",
                    "size",
                    "contains",
                    "startsWith",
                    "endsWith",
                    "matches",
                    "inBlock",
                    "int",
                    "double",
                    "string",
                    "dyn");

    private final CelAbstractSyntaxTree tree;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> headers = new TreeSet<>();

    private ExpressionRules(CelAbstractSyntaxTree tree) {
        this.tree = tree;
    }

    /** Looks at every node. */
    static Result check(CelAbstractSyntaxTree tree) {
        ExpressionRules rules = new ExpressionRules(tree);
        rules.visit(tree.getExpr());
        long cost = ExpressionCost.of(tree.getExpr());
        if (cost > ExpressionCost.LIMIT) {
            rules.add(
                    tree.getExpr(),
                    "may cost more than "
                            + ExpressionCost.LIMIT
                            + " steps (expected: fewer or shorter loops; one inside another only over"
                            + " lists that are written out)");
        }
        return new Result(rules.findings, rules.headers);
    }

    private void visit(CelExpr at) {
        if (isHeaders(at)) {
            add(at, HEADERS + " as a whole (expected: single headers of it, by name)");
            return;
        }
        switch (at.getKind()) {
            case NOT_SET, CONSTANT, IDENT -> {
                // Nothing below.
            }
            case SELECT -> select(at);
            case CALL -> call(at);
            case LIST -> at.list().elements().forEach(this::visit);
            case MAP ->
                    at.map()
                            .entries()
                            .forEach(entry -> {
                                visit(entry.key());
                                visit(entry.value());
                            });
            case STRUCT -> add(at, "a message (expected: strings, numbers, booleans, lists, maps)");
            case COMPREHENSION -> {
                visit(at.comprehension().iterRange());
                visit(at.comprehension().accuInit());
                visit(at.comprehension().loopCondition());
                visit(at.comprehension().loopStep());
                visit(at.comprehension().result());
            }
        }
    }

    private void select(CelExpr at) {
        if (isHeaders(at.select().operand())) {
            headerName(at, at.select().field());
        } else if (tree.getReference(at.id()).isEmpty()) {
            visit(at.select().operand());
        }
    }

    private void call(CelExpr at) {
        CelCall call = at.call();
        if (!FUNCTIONS.contains(call.function())) {
            add(at, call.function() + " (expected: a function that policies may use)");
        }
        if (call.function().equals("matches")) {
            pattern(at, call.args().getLast());
        }
        if (call.function().equals("inBlock")) {
            block(at, call.args().getLast());
        }
        call.target().ifPresent(this::visit);
        for (int i = 0; i < call.args().size(); i++) {
            CelExpr argument = call.args().get(i);
            if (isHeaders(argument) && asksForOne(call, i)) {
                text(call.args().get(1 - i))
                        .ifPresentOrElse(
                                name -> headerName(at, name),
                                () -> add(at, "a header (expected: its name, written out)"));
            } else {
                visit(argument);
            }
        }
    }

    private static boolean asksForOne(CelCall call, int argument) {
        return (call.function().equals("_[_]") && argument == 0)
                || (call.function().equals("@in") && argument == 1);
    }

    private void headerName(CelExpr at, String name) {
        if (!name.equals(name.toLowerCase(Locale.ROOT))) {
            add(at, "header " + name + " (expected: its name in lower case)");
        }
        headers.add(name);
    }

    private void pattern(CelExpr at, CelExpr argument) {
        Optional<String> pattern = text(argument);
        if (pattern.isEmpty() || pattern.get().length() > MAX_PATTERN) {
            add(at, "matches (expected: a pattern written out, at most 256 characters)");
            return;
        }
        if (repetitions(pattern.get()) > MAX_REPETITIONS) {
            add(at, "pattern repeats too often (expected: at most " + MAX_REPETITIONS + " in all)");
            return;
        }
        try {
            Pattern.compile(pattern.get());
        } catch (PatternSyntaxException e) {
            add(at, "pattern: " + e.getDescription() + " (expected: RE2 syntax)");
        }
    }

    /**
     * Product of all counts in braces, wherever they stand: RE2 writes {@code (a{9}){9}} out before
     * it runs, 81 times.
     */
    private static long repetitions(String pattern) {
        long product = 1;
        for (int open = pattern.indexOf('{'); open >= 0; open = pattern.indexOf('{', open + 1)) {
            int close = pattern.indexOf('}', open);
            String inside = close < 0 ? "" : pattern.substring(open + 1, close);
            String most = inside.substring(inside.indexOf(',') + 1);
            String count = most.isEmpty() ? inside.replace(",", "") : most;
            boolean digits = !count.isEmpty() && count.chars().allMatch(c -> c >= '0' && c <= '9');
            if (digits) {
                long times = count.length() > 4 ? MAX_REPETITIONS + 1 : Long.parseLong(count);
                product = Math.min(MAX_REPETITIONS + 1, product * Math.max(1, times));
            }
        }
        return product;
    }

    private void block(CelExpr at, CelExpr argument) {
        if (text(argument).map(IpBlock::parse).isEmpty()) {
            add(at, "inBlock (expected: an address or CIDR block, written out)");
        }
    }

    private boolean isHeaders(CelExpr at) {
        return tree.getReference(at.id()).filter(one -> one.name().equals(HEADERS)).isPresent();
    }

    private static Optional<String> text(CelExpr at) {
        return at.getKind() == Kind.CONSTANT
                        && at.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? Optional.of(at.constant().stringValue())
                : Optional.empty();
    }

    private void add(CelExpr at, String reason) {
        findings.add(new Finding(at.id(), reason));
    }

    /**
     * What was found.
     *
     * @param findings what is not allowed; empty when all is
     * @param headers names of the headers it asks for
     */
    record Result(List<Finding> findings, Set<String> headers) {
        Result {
            findings = List.copyOf(findings);
            headers = Set.copyOf(headers);
        }
    }

    /** Something that is not allowed, and the node it stands on. */
    record Finding(long node, String reason) {}
}
