// Import recipes in the database. A pepper is sealed before it comes here.

import type { RecipeChanges, RecipeReads } from '../core/import/ports.ts';
import type { ImportRecipe } from '../core/import/records.ts';
import type { Session } from './database.ts';
import type { ImportRecipeRow } from './import-rows.ts';
import type { Db } from './schema.ts';
import { insertion, lookup, run, verb } from './statement.ts';

export function recipeReads(db: Db): RecipeReads {
  return {
    find: async (organizationId, id) => (await byId(db, { organizationId, id })).map(fromRow)[0] ?? null,
    list: async (organizationId) => (await ofOrganization(db, { organizationId })).map(fromRow),
    listAll: async () => (await all(db, {})).map(fromRow),
    isUsed: async (organizationId, id) => {
      const query = db
        .selectFrom('api_tokens')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where('recipe_id', '=', id)
        .where('deleted_at', 'is', null)
        .limit(1);
      return (await run(db, query.compile())).rows.length > 0;
    },
  };
}

export function recipeChanges({ db }: Session): RecipeChanges {
  return {
    ...recipeReads(db),
    insert: (recipe) => insert(db, toRow(recipe)),
    delete: (organizationId, id) => remove(db, { organizationId, id }),
  };
}

const insert = insertion('import_recipes');

const byId = lookup((db, v: { organizationId: string; id: string }) =>
  db
    .selectFrom('import_recipes')
    .selectAll()
    .where('organization_id', '=', v.organizationId)
    .where('id', '=', v.id)
    .compile(),
);

const ofOrganization = lookup((db, v: { organizationId: string }) =>
  db.selectFrom('import_recipes').selectAll().where('organization_id', '=', v.organizationId).orderBy('name').compile(),
);

const all = lookup((db) =>
  db
    .selectFrom('import_recipes')
    .selectAll()
    .where('organization_id', 'not in', (eb) =>
      eb.selectFrom('organizations').select('id').where('deleted_at', 'is not', null),
    )
    .orderBy('created_at')
    .orderBy('id')
    .compile(),
);

const remove = verb((db, v: { organizationId: string; id: string }) =>
  db.deleteFrom('import_recipes').where('organization_id', '=', v.organizationId).where('id', '=', v.id).compile(),
);

function toRow(recipe: ImportRecipe): ImportRecipeRow {
  const { id, organizationId, name, sealedPepper, createdAt, createdBy, ...rules } = recipe;
  return {
    id,
    organization_id: organizationId,
    name,
    rules: JSON.stringify(rules),
    sealed_pepper: sealedPepper,
    created_at: createdAt,
    created_by: createdBy,
  };
}

function fromRow(row: ImportRecipeRow): ImportRecipe {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    ...JSON.parse(row.rules),
    sealedPepper: row.sealed_pepper,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}
