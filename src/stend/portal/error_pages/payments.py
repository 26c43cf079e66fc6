"""Codes of the rules of `payments`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.payments.domain import PaymentErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        PaymentErrorCode.PAYMENT_DECLINED,
        Text(
            "Банк отказал в платеже.",
            "The bank declined the payment.",
        ),
        Text(
            "Карта заблокирована (customer_id кончается на Declined) или сумма больше лимита "
            "карты, 50 000 рублей.",
            "The card is blocked (the customer_id ends in Declined), or the amount is over the "
            "limit of the card, 50,000 roubles.",
        ),
        Text(
            "Повтор не поможет: отказ запомнен. Заказ становится failed, товар возвращается на "
            "склад.",
            "Repeating does not help: the refusal is remembered. The order becomes failed, and "
            "its goods go back to the warehouse.",
        ),
    ),
    ErrorPage(
        PaymentErrorCode.PAYMENT_NOT_FOUND,
        Text(
            "Банк не знает такого платежа.",
            "The bank knows no such payment.",
        ),
        Text(
            "Capture, Refund или GetPayment пришли раньше Authorise, или payment_ref неверен.",
            "Capture, Refund or GetPayment came before Authorise, or the payment_ref is wrong.",
        ),
        Text(
            "Сначала Authorise. Все платежи перечислит ListPayments.",
            "Authorise first. ListPayments lists all payments.",
        ),
    ),
    ErrorPage(
        PaymentErrorCode.PAYMENT_STATE_FORBIDDEN,
        Text(
            "Из нынешнего состояния платежа такого шага нет.",
            "There is no such step from the present state of the payment.",
        ),
        Text(
            "Возврат до списания, отмена после него или Authorise после Void: отмена, пришедшая "
            "первой, запрещает опоздавшую авторизацию.",
            "A refund before the capture, a void after it, or an Authorise after its Void: a void "
            "that comes first bars an authorisation that comes late.",
        ),
        Text(
            "Прочитайте платёж (GetPayment). Удержанное отменяет Void, списанное возвращает "
            "Refund.",
            "Read the payment (GetPayment). Void lets go of what is held, Refund gives back what "
            "was taken.",
        ),
    ),
    ErrorPage(
        PaymentErrorCode.PAYMENT_CONFLICT,
        Text(
            "Этот payment_ref уже приходил с другим содержимым.",
            "This payment_ref came before with other contents.",
        ),
        Text(
            "Другой покупатель, другая сумма или второй возврат на другую сумму.",
            "Another customer, another amount, or a second refund of another amount.",
        ),
        Text(
            "Новому платежу — новый payment_ref. Прежний повторяют только с прежней командой.",
            "A new payment takes a new payment_ref. Repeat an old one only with its old command.",
        ),
    ),
    ErrorPage(
        PaymentErrorCode.REFUND_EXCEEDS_PAYMENT,
        Text(
            "Вернуть больше, чем списано, нельзя.",
            "More cannot go back than was taken.",
        ),
        Text(
            "Сумма в amount_minor больше суммы платежа. Она в копейках.",
            "The amount in amount_minor is above that of the payment. It is in kopecks.",
        ),
        Text(
            "Уменьшите сумму или не указывайте её: вернётся всё.",
            "Take a smaller amount, or leave it out to refund all.",
        ),
    ),
)
