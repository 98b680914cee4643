package dev.countersign.policy.parse;

/** What a YAML scalar without quotes stands for, as Kubernetes' own reader takes it. */
final class PlainScalar {

    private static final int LONGEST_NUMBER = 64;

    private PlainScalar() {}

    static Node.Scalar.Kind kindOf(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> Node.Scalar.Kind.NULL;
            case "true", "True", "TRUE", "false", "False", "FALSE" -> Node.Scalar.Kind.BOOLEAN;
            case "yes", "Yes", "YES", "no", "No", "NO" -> Node.Scalar.Kind.BOOLEAN;
            case "on", "On", "ON", "off", "Off", "OFF" -> Node.Scalar.Kind.BOOLEAN;
            default -> isNumber(text) ? Node.Scalar.Kind.NUMBER : Node.Scalar.Kind.STRING;
        };
    }

    private static boolean isNumber(String text) {
        int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        String body = text.substring(start);
        if (body.isEmpty() || text.length() > LONGEST_NUMBER) {
            return false;
        }
        if (body.equalsIgnoreCase(".inf") || body.equalsIgnoreCase(".nan")) {
            return true;
        }
        if (body.startsWith("0x") || body.startsWith("0o") || body.startsWith("0b")) {
            return body.length() > 2
                    && body.substring(2).chars().allMatch(c -> Character.digit(c, 16) >= 0);
        }
        return isDecimal(body);
    }

    /** Digits with at most one point and one exponent; underscores group digits. */
    private static boolean isDecimal(String body) {
        int digits = 0;
        boolean point = false;
        int exponent = -1;
        for (int i = 0; i < body.length(); i++) {
            char c = body.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !point && exponent < 0) {
                point = true;
            } else if ((c == 'e' || c == 'E') && exponent < 0 && digits > 0) {
                exponent = i;
                digits = 0;
            } else if (!isExponentSign(c, i, exponent) && (c != '_' || digits == 0)) {
                return false;
            }
        }
        return digits > 0;
    }

    private static boolean isExponentSign(char c, int at, int exponent) {
        return (c == '+' || c == '-') && exponent >= 0 && at == exponent + 1;
    }
}
