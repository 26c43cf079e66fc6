"""Of operators in documents of applications."""

SENTENCES = """\
_id
  Первичный ключ документа: уникален в коллекции; без него драйвер создаёт ObjectId сам.
  The primary key of the document, unique in its collection; drivers make an ObjectId without it.
  MongoDB Manual, Documents

$set $setOnInsert
  Задать значения полей ($setOnInsert — только при вставке).
  Sets values of fields ($setOnInsert only with an insert).

$unset
  Убрать поля.
  Removes fields.

$inc $mul
  Прибавить к числу или умножить его — атомарно.
  Adds to a number or multiplies it, atomically.

$push $addToSet
  Добавить в массив ($addToSet — если такого ещё нет).
  Adds to an array ($addToSet only what is not in it).

$pull $pullAll $pop
  Убрать из массива.
  Takes from an array.

$currentDate
  Поставить время сервера.
  Sets the server's time.

$each
  Несколько элементов сразу.
  Several elements at once.

$eq $ne
  Равно или не равно.
  Equal or not equal.

$gt $gte $lt $lte
  Больше, не меньше, меньше, не больше.
  Greater, not less, less, not greater.

$in $nin
  Одно из значений или ни одно из них.
  One of the values, or none of them.

$and $or $nor $not
  Соединяет условия: все, хотя бы одно, ни одного, отрицание.
  Combines conditions: all, at least one, none, negation.

$exists $type
  Есть ли поле и какого оно типа.
  Whether the field is there, and of which type.

$regex $options
  Регулярное выражение и его флаги.
  A regular expression and its flags.

$elemMatch $all $size
  Условие на массив: на элемент, на набор, на длину.
  A condition on an array: its element, its set, its size.

$expr
  Условие выражением агрегации.
  A condition by an expression of aggregation.

$match
  Стадия: оставить подходящие документы.
  A stage: keeps documents that match.

$group
  Стадия: собрать документы по ключу и посчитать.
  A stage: gathers documents by a key, and computes.

$project $addFields
  Стадия: выбрать, добавить или вычислить поля.
  A stage: chooses, adds or computes fields.

$sort $limit $skip
  Стадия: порядок, сколько взять, сколько пропустить.
  A stage: order, how many to take, how many to skip.

$lookup
  Стадия: присоединить документы другой коллекции.
  A stage: joins documents of another collection.

$unwind
  Стадия: по документу на каждый элемент массива.
  A stage: one document for each element of an array.

$sum $avg $min $max $first $last $count
  Считает значение по группе или меняет поле на меньшее или большее.
  Computes a value of the group, or lowers or raises a field.

$changeStream
  Стадия: поток изменений вместо документов.
  A stage: a stream of changes instead of documents.
"""
